package io.cheshire.chaos.sim.net;

import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameMac;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends frames into a channel, as the transport's sender does: begin, encode, commit. */
public final class FrameOut {
    private final Channel channel;
    private final FrameSeal seal;
    private final int frameLimitBytes;
    private byte[] bytes = new byte[1024];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private int length;

    /**
     * @param rowFrameBytes length of a frame with one row
     * @param mtuBytes      longest packet: frames are single packets where a row fits
     * @param maxFrameBytes longest frame otherwise
     */
    public FrameOut(
            final Channel channel,
            final FrameSeal seal,
            final int rowFrameBytes,
            final int mtuBytes,
            final int maxFrameBytes) {
        this.channel = channel;
        this.seal = seal;
        this.frameLimitBytes = rowFrameBytes <= mtuBytes
                ? mtuBytes
                : Math.min(FrameLimits.MAX_FRAME_BYTES, Math.max(maxFrameBytes, rowFrameBytes));
    }

    public int frameLimitBytes() {
        return frameLimitBytes;
    }

    /** Frames carry MACs from now on. */
    public void authenticate(final FrameMac mac) {
        seal.authenticate(mac);
    }

    public boolean isConnected() {
        return channel.isConnected();
    }

    /** Makes room for a frame; encode it only on {@link SendOutcome#SENT}. */
    public SendOutcome begin(final int frameBytes) {
        if (frameBytes > frameLimitBytes && frameBytes > bytes.length) {
            return SendOutcome.TOO_LARGE;
        }
        length = frameBytes;
        final SendOutcome outcome = channel.room(frameBytes);
        if (outcome == SendOutcome.SENT && bytes.length < frameBytes) {
            bytes = new byte[frameBytes];
            buffer.wrap(bytes);
        }
        return outcome;
    }

    /** Where to encode, from 0 on. */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Seals and sends the frame that was begun. */
    public void commit() {
        seal.apply(buffer, 0, length);
        channel.send(Arrays.copyOf(bytes, length));
    }

    /** Sends a frame that is sealed already, if there is room. */
    public void sendSealed(final byte[] frame) {
        if (channel.room(frame.length) == SendOutcome.SENT) {
            channel.send(frame);
        }
    }

    public void close() {
        channel.close();
    }
}
