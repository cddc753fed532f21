package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTicketsTest {
    private long nowNs;
    private final ReportTickets tickets = new ReportTickets(() -> nowNs);

    @Test
    void shouldWorkOnceAndForAMinute() {
        final String first = tickets.issue("a");
        final String late = tickets.issue("b");
        assertThat(tickets.redeem(first)).isEqualTo("a");
        assertThat(tickets.redeem(first)).isNull();

        nowNs += ReportTickets.LIFE.toNanos() + 1;
        assertThat(tickets.redeem(late)).isNull();
    }

    @Test
    void shouldKeepOnlyTheLatest() {
        final List<String> names = new ArrayList<>();
        for (int i = 0; i <= ReportTickets.MOST; i++) {
            names.add(tickets.issue("report " + i));
        }

        assertThat(names).doesNotHaveDuplicates();
        assertThat(tickets.redeem(names.getFirst())).isNull();
        assertThat(tickets.redeem(names.getLast())).isEqualTo("report " + ReportTickets.MOST);
    }
}
