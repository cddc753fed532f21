package io.cheshire.transport.core;

import io.cheshire.transport.protocol.FrameMac;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Says of a frame that has passed the gate whether the peer of this link sent it, and only now. Where the link has a
 * key, a frame without the right MAC is forged, or damaged on the way, and one whose number was here is a replay; where
 * it has none, a frame with a MAC is another link's. One instance a link and direction, one thread.
 */
public final class LinkGuard {
    private final @Nullable FrameMac mac;
    private final ReplayWindow window = new ReplayWindow();

    /** What a frame is. */
    public enum Verdict {
        GENUINE,
        FORGED,
        REPLAYED
    }

    /** @param mac of what the peer sends; null where frames carry none */
    public LinkGuard(final @Nullable FrameMac mac) {
        this.mac = mac;
    }

    /** Whether frames must carry a MAC: then one that failed the gate says nothing about its sender. */
    public boolean isKeyed() {
        return mac != null;
    }

    /** Judges a frame that has passed the gate and names this link. */
    public Verdict check(final DirectBuffer buffer, final int offset, final int length) {
        final FrameMac key = mac;
        if (key == null) {
            return FrameMac.isIn(buffer, offset) ? Verdict.FORGED : Verdict.GENUINE;
        }
        if (!FrameMac.isIn(buffer, offset) || !key.matches(buffer, offset, length)) {
            return Verdict.FORGED;
        }
        return window.accept(FrameMac.numberOf(buffer, offset)) ? Verdict.GENUINE : Verdict.REPLAYED;
    }
}
