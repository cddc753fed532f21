package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.check.LinkEvent;
import io.cheshire.chaos.sim.net.Channel;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.SendOutcome;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A channel that a simulated media driver makes. As over Aeron a frame that is one packet has its room from the
 * beginning on; a longer one finds out when it is complete. Handshakes are always one packet.
 */
final class SimOutbox implements Outbox {
    private final SimWire wire;
    private final SimProcess owner;
    private final SimDataPlane plane;
    private final Coverage coverage;
    private final int streamId;
    private final int frameLimitBytes;
    private final UnsafeBuffer buffer;
    private final long answeredNs;
    private @Nullable Channel channel;
    private boolean looked;
    private boolean claimed;
    private int length;

    SimOutbox(
            final SimWire wire,
            final SimProcess owner,
            final SimDataPlane plane,
            final Coverage coverage,
            final int streamId,
            final int frameLimitBytes) {
        this.wire = wire;
        this.owner = owner;
        this.plane = plane;
        this.coverage = coverage;
        this.streamId = streamId;
        this.frameLimitBytes = frameLimitBytes;
        this.buffer = new UnsafeBuffer(new byte[frameLimitBytes]);
        this.answeredNs = plane.nowNs() + plane.drivers().drawAnswerNs(owner.host());
    }

    @Override
    public State state() {
        if (plane.nowNs() < answeredNs) {
            if (!looked) {
                coverage.link(LinkEvent.OPEN_LATE);
            }
            looked = true;
            return State.OPENING;
        }
        if (plane.drivers().refuses(owner.host())) {
            coverage.link(LinkEvent.OPEN_REFUSED);
            return State.REFUSED;
        }
        channel = plane.open(owner, streamId);
        return State.OPEN;
    }

    @Override
    public String refusal() {
        return "it has no room";
    }

    @Override
    public int frameLimitBytes() {
        return frameLimitBytes;
    }

    @Override
    public boolean isConnected() {
        return opened().isConnected();
    }

    @Override
    public SendOutcome begin(final int frameBytes) {
        length = frameBytes;
        claimed = frameBytes <= plane.settings().mtuBytes();
        if (claimed) {
            return room(frameBytes);
        }
        if (!opened().isConnected()) {
            return SendOutcome.NOT_CONNECTED;
        }
        return opened().isFull() ? SendOutcome.BACK_PRESSURED : SendOutcome.SENT;
    }

    @Override
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public SendOutcome commit() {
        if (!claimed) {
            final SendOutcome outcome = room(length);
            if (outcome != SendOutcome.SENT) {
                coverage.link(LinkEvent.COMMIT_WITHOUT_ROOM);
                return outcome;
            }
        }
        wire.sent(buffer, 0);
        opened().send(bytes(buffer, 0, length));
        return SendOutcome.SENT;
    }

    @Override
    public SendOutcome offer(final DirectBuffer frame, final int offset, final int frameBytes) {
        if (frameBytes > HandshakeCodec.MAX_BYTES) {
            throw new IllegalStateException("only handshakes are offered");
        }
        final SendOutcome outcome = room(frameBytes);
        if (outcome == SendOutcome.SENT) {
            wire.sent(frame, offset);
            opened().sendWhole(bytes(frame, offset, frameBytes));
        }
        return outcome;
    }

    private SendOutcome room(final int frameBytes) {
        return wire.isDead() ? SendOutcome.CLOSED : opened().room(frameBytes);
    }

    private static byte[] bytes(final DirectBuffer frame, final int offset, final int length) {
        final byte[] copy = new byte[length];
        frame.getBytes(offset, copy);
        return copy;
    }

    @Override
    public void close() {
        if (channel != null && !wire.isDead()) {
            channel.close();
        }
    }

    private Channel opened() {
        final Channel current = channel;
        if (current == null) {
            throw new IllegalStateException("the channel isn't open");
        }
        return current;
    }
}
