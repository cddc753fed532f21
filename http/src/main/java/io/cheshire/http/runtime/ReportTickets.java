package io.cheshire.http.runtime;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Links to reports for browsers, which can't send a key with a link: each can't be guessed, works once, and for a
 * minute. Safe from any thread.
 */
final class ReportTickets {
    static final Duration LIFE = Duration.ofMinutes(1);
    /** Whoever asks for more loses the oldest. */
    static final int MOST = 32;

    private static final int BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Ticket> tickets = new LinkedHashMap<>();
    private final LongSupplier nanoClock;

    private record Ticket(String report, long issuedNs) {}

    ReportTickets(final LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    synchronized String issue(final String report) {
        final byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        final String name = HexFormat.of().formatHex(bytes);
        tickets.put(name, new Ticket(report, nanoClock.getAsLong()));
        if (tickets.size() > MOST) {
            tickets.remove(tickets.keySet().iterator().next());
        }
        return name;
    }

    /** The report of a ticket, which then works no more; null if it doesn't work. */
    synchronized @Nullable String redeem(final String name) {
        final Ticket ticket = tickets.remove(name);
        return ticket == null || nanoClock.getAsLong() - ticket.issuedNs > LIFE.toNanos() ? null : ticket.report;
    }
}
