package io.cheshire.transport.core;

/**
 * Judges by numbered heartbeats whether a peer answers: each of ours names a number, the peer's name the highest that
 * it heard. So a partition of either direction shows, not only of the one towards us. Times are those of an
 * {@link ObservedClock}. One thread.
 *
 * <pre>
 *   FINE    --no new number echoed for suspectAfter,
 *             or doubted for another reason----------> SUSPECT
 *   SUSPECT --a number echoed that was sent since-----> FINE
 * </pre>
 */
public final class LinkPulse {
    private final long suspectAfterNs;
    private long sentBeat;
    private long heardBeat;
    private long lastEchoNs;
    private boolean suspect;
    /** The least number that clears suspicion. */
    private long probeBeat;

    public LinkPulse(final long suspectAfterNs) {
        this.suspectAfterNs = suspectAfterNs;
    }

    /** Starts over with a new link. */
    public void reset(final long nowNs) {
        sentBeat = 0;
        heardBeat = 0;
        lastEchoNs = nowNs;
        suspect = false;
    }

    /** Number of the next heartbeat; call {@link #sent} when it is in the channel. */
    public long nextBeat() {
        return sentBeat + 1;
    }

    public void sent() {
        sentBeat++;
    }

    /** The peer names the highest number it heard; true if that ends a suspicion. */
    public boolean onEcho(final long beat, final long nowNs) {
        if (beat <= heardBeat || beat > sentBeat) {
            return false; // an old frame's, or one that nobody sent
        }
        heardBeat = beat;
        lastEchoNs = nowNs;
        final boolean recovered = suspect && beat >= probeBeat;
        suspect &= !recovered;
        return recovered;
    }

    /** True if the peer becomes suspect by this look. */
    public boolean check(final long nowNs) {
        return nowNs - lastEchoNs > suspectAfterNs && suspect();
    }

    /** The peer is in doubt for another reason than its silence; true if it becomes suspect by that. */
    public boolean suspect() {
        if (suspect) {
            return false;
        }
        suspect = true;
        probeBeat = sentBeat + 1;
        return true;
    }

    public boolean isSuspect() {
        return suspect;
    }
}
