package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.FrameMac;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.SendOutcome;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Seals frames and sends them into a channel that is open, from one thread. Use: {@link #begin}, write to
 * {@link #buffer} from {@link #offset}, {@link #commit}.
 */
final class FrameSender {
    private final Outbox outbox;
    private final FrameSeal seal;
    private final int frameLimitBytes;
    private int length;

    FrameSender(final Outbox outbox, final FrameSeal seal) {
        this.outbox = outbox;
        this.seal = seal;
        this.frameLimitBytes = outbox.frameLimitBytes();
    }

    /** Longest frame that {@link #begin} takes. */
    int frameLimitBytes() {
        return frameLimitBytes;
    }

    /** Frames carry MACs from now on. */
    void authenticate(final FrameMac mac) {
        seal.authenticate(mac);
    }

    boolean isConnected() {
        return outbox.isConnected();
    }

    /** Makes room for a frame; encode it only on {@link SendOutcome#SENT}. */
    SendOutcome begin(final int frameBytes) {
        length = frameBytes;
        return frameBytes > frameLimitBytes ? SendOutcome.TOO_LARGE : outbox.begin(frameBytes);
    }

    /** Where to encode. */
    MutableDirectBuffer buffer() {
        return outbox.buffer();
    }

    /** Start of the frame in {@link #buffer()}. */
    int offset() {
        return outbox.offset();
    }

    /** Seals and sends the frame that was begun; anything but SENT means that nothing was sent. */
    SendOutcome commit() {
        seal.apply(outbox.buffer(), outbox.offset(), length);
        return outbox.commit();
    }

    /** Sends a frame that is sealed already. */
    void sendSealed(final DirectBuffer frame, final int frameBytes) {
        outbox.offer(frame, 0, frameBytes);
    }
}
