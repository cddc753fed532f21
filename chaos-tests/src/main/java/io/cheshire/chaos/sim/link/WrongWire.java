package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.transport.core.link.Inbox;
import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Planted bugs of the network: a lifeline's cut isn't told, or a Nack that finds no room is said to be sent. */
final class WrongWire implements Wire {
    private final Wire inner;
    private final PlantedBug bug;

    WrongWire(final Wire inner, final PlantedBug bug) {
        this.inner = inner;
        this.bug = bug;
    }

    @Override
    public Inbox listen(final String channel, final int streamId, final IntConsumer imageGone) {
        return inner.listen(channel, streamId, imageGone);
    }

    @Override
    public Outbox open(final String channel, final int streamId, final int rowFrameBytes) {
        final Outbox outbox = inner.open(channel, streamId, rowFrameBytes);
        return bug == PlantedBug.FORGET_NACK ? new ForgetfulOutbox(outbox) : outbox;
    }

    @Override
    public @Nullable Lifeline hold(final NodeEndpoint node, final long proof, final long observedNs) {
        final Lifeline held = inner.hold(node, proof, observedNs);
        return held == null || bug != PlantedBug.HIDE_LIFELINE_CUT ? held : new QuietLifeline(held);
    }

    private static final class QuietLifeline implements Lifeline {
        private final Lifeline held;

        private QuietLifeline(final Lifeline held) {
            this.held = held;
        }

        @Override
        public boolean isCut(final long observedNs) {
            held.isCut(observedNs);
            return false;
        }

        @Override
        public void close() {
            held.close();
        }
    }

    private static final class ForgetfulOutbox implements Outbox {
        private final Outbox outbox;
        private final UnsafeBuffer nowhere = new UnsafeBuffer(new byte[FrameWriter.NACK_BYTES]);
        private boolean forgets;

        private ForgetfulOutbox(final Outbox outbox) {
            this.outbox = outbox;
        }

        @Override
        public State state() {
            return outbox.state();
        }

        @Override
        public String refusal() {
            return outbox.refusal();
        }

        @Override
        public int frameLimitBytes() {
            return outbox.frameLimitBytes();
        }

        @Override
        public boolean isConnected() {
            return outbox.isConnected();
        }

        @Override
        public SendOutcome begin(final int frameBytes) {
            final SendOutcome room = outbox.begin(frameBytes);
            forgets = room != SendOutcome.SENT && frameBytes == FrameWriter.NACK_BYTES;
            return forgets ? SendOutcome.SENT : room;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return forgets ? nowhere : outbox.buffer();
        }

        @Override
        public int offset() {
            return forgets ? 0 : outbox.offset();
        }

        @Override
        public SendOutcome commit() {
            return forgets ? SendOutcome.SENT : outbox.commit();
        }

        @Override
        public SendOutcome offer(final DirectBuffer frame, final int offset, final int length) {
            return outbox.offer(frame, offset, length);
        }

        @Override
        public void close() {
            outbox.close();
        }
    }
}
