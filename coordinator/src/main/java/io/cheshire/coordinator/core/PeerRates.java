package io.cheshire.coordinator.core;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket per peer: who sends more than the steady rate and the burst above it is not listened to. Peers beyond
 * the limit push out the one silent for longest. Used by one thread; time is passed in.
 */
public final class PeerRates {
    private final double perNs;
    private final double burst;
    private final LinkedHashMap<String, Bucket> buckets;

    private record Bucket(double tokens, long updatedNs, long droppedCount) {}

    /** What was decided about one message. */
    public enum Verdict {
        /** Within the rate. */
        LISTEN,
        /** Over the rate, and the first one after a time within it. */
        DROP_AND_NOTE,
        /** Over the rate. */
        DROP
    }

    /**
     * Starts with full buckets.
     *
     * @param perSecond messages a second, steadily
     * @param burst     messages at once
     * @param peerLimit peers remembered
     */
    public PeerRates(final int perSecond, final int burst, final int peerLimit) {
        this.perNs = perSecond / 1e9;
        this.burst = burst;
        this.buckets = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(final Map.Entry<String, Bucket> eldest) {
                return size() > peerLimit;
            }
        };
    }

    /** Whether to listen to a message that arrives now. */
    public Verdict offer(final String peer, final long nowNs) {
        final Bucket before = buckets.get(peer);
        final double tokens =
                before == null ? burst : Math.min(burst, before.tokens() + (nowNs - before.updatedNs()) * perNs);
        final long dropped = before == null ? 0 : before.droppedCount();
        if (tokens >= 1) {
            // Only a peer that calmed down is noted again; otherwise a flood would also flood the notes.
            buckets.put(peer, new Bucket(tokens - 1, nowNs, tokens >= burst / 2 ? 0 : dropped));
            return Verdict.LISTEN;
        }
        buckets.put(peer, new Bucket(tokens, nowNs, dropped + 1));
        return dropped == 0 ? Verdict.DROP_AND_NOTE : Verdict.DROP;
    }
}
