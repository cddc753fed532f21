package io.cheshire.http.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Work that waits, a line for each tenant. Tenants take turns, so that whoever has little to do waits for one piece of
 * work of each other tenant, however many of theirs are in line. Two bounds: the whole, and each line. When the whole
 * is full and its longest line has more than the newcomer's would, the last of that line makes room. Pure; not
 * thread-safe.
 *
 * @param <T> a piece of work
 */
public final class TenantQueue<T> {
    /** What became of a newcomer. */
    public sealed interface Offer<T> {
        /** It waits; {@code displaced} had to go for it, or null. */
        record Queued<T>(@Nullable T displaced) implements Offer<T> {}

        /** Its tenant's line is as long as a line may be. */
        record LineFull<T>() implements Offer<T> {}

        /** Nobody has a longer line, and there is no place left. */
        record Full<T>() implements Offer<T> {}
    }

    private final int limit;
    private final int lineLimit;
    /** The first tenant's turn is next. No line is empty. */
    private final SequencedMap<String, Deque<T>> lines = new LinkedHashMap<>();

    private int size;

    /**
     * @param limit     most that wait
     * @param lineLimit most of one tenant
     */
    public TenantQueue(final int limit, final int lineLimit) {
        if (limit < 1 || lineLimit < 1) {
            throw new IllegalArgumentException("limits are " + limit + " and " + lineLimit + "; both must be positive");
        }
        this.limit = limit;
        this.lineLimit = lineLimit;
    }

    /** Puts {@code work} at the end of its tenant's line, if it may wait. */
    public Offer<T> offer(final String tenant, final T work) {
        final int own = waitingOf(tenant);
        if (own >= lineLimit) {
            return new Offer.LineFull<>();
        }
        T displaced = null;
        if (size >= limit) {
            final String longest = longestLine();
            if (waitingOf(longest) <= own + 1) {
                return new Offer.Full<>();
            }
            displaced = removeLastOf(longest);
        }
        lines.computeIfAbsent(tenant, ignored -> new ArrayDeque<>()).addLast(work);
        size++;
        return new Offer.Queued<>(displaced);
    }

    /** Takes the next piece of work, or null: none waits. */
    public @Nullable T poll() {
        final Map.Entry<String, Deque<T>> next = lines.pollFirstEntry();
        if (next == null) {
            return null;
        }
        final T work = next.getValue().removeFirst();
        if (!next.getValue().isEmpty()) {
            lines.put(next.getKey(), next.getValue());
        }
        size--;
        return work;
    }

    /** Pieces of work that wait. */
    public int waiting() {
        return size;
    }

    /** Those of one tenant. */
    public int waitingOf(final String tenant) {
        final Deque<T> line = lines.get(tenant);
        return line == null ? 0 : line.size();
    }

    /**
     * Pieces of work that are done before a whole line of this tenant is: its own, and as many of each other tenant.
     */
    public int aheadOf(final String tenant) {
        final int own = Math.max(1, waitingOf(tenant));
        int ahead = 0;
        for (final Deque<T> line : lines.values()) {
            ahead += Math.min(own, line.size());
        }
        return ahead;
    }

    private String longestLine() {
        String longest = "";
        int most = 0;
        for (final Map.Entry<String, Deque<T>> line : lines.entrySet()) {
            if (line.getValue().size() > most) {
                most = line.getValue().size();
                longest = line.getKey();
            }
        }
        return longest;
    }

    private T removeLastOf(final String tenant) {
        final Deque<T> line = lines.getOrDefault(tenant, new ArrayDeque<>());
        final T last = line.removeLast();
        if (line.isEmpty()) {
            lines.remove(tenant);
        }
        size--;
        return last;
    }
}
