package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.check.LinkEvent;
import io.cheshire.chaos.sim.net.Lifelines;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.core.link.Inbox;
import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The network of one life of a process, as links see it: {@code AeronWire} in virtual time. */
public final class SimWire implements Wire {
    private static final byte WHOLE = (byte) (FrameAssembler.BEGIN | FrameAssembler.END);

    private final SimProcess owner;
    private final SimDataPlane plane;
    private final int maxFrameBytes;
    private final Coverage coverage;
    private final World world;
    /** Nodes whose lifelines were seen cut since this was last asked. */
    private final List<NodeEndpoint> cut = new ArrayList<>();

    private final Handshakes handshakes = new Handshakes();
    private final OwedNacks nacks = new OwedNacks();
    private boolean dead;

    /** @param maxFrameBytes longest frame where a row doesn't fit into a packet */
    public SimWire(
            final SimProcess owner,
            final SimDataPlane plane,
            final int maxFrameBytes,
            final Coverage coverage,
            final World world) {
        this.owner = owner;
        this.plane = plane;
        this.maxFrameBytes = maxFrameBytes;
        this.coverage = coverage;
        this.world = world;
    }

    /** The process was killed: nothing is said to anybody any more. */
    public void die() {
        dead = true;
    }

    boolean isDead() {
        return dead;
    }

    @Override
    public Inbox listen(final String channel, final int streamId, final IntConsumer imageGone) {
        return new Overheard(plane.listen(owner, streamId, imageGone));
    }

    Handshakes handshakes() {
        return handshakes;
    }

    /** The same links, with an eye on what their owner refuses. */
    public RouterLinks watched(final RouterLinks links) {
        return new LedgerLinks(links, nacks, world, owner.name());
    }

    /** Whether what came last is of another link than the last one with its node. */
    public boolean isOfEarlierLink() {
        return handshakes.isStrange();
    }

    /** Refusals that haven't gone into a channel that is there. */
    public int owedNacks() {
        return nacks.count();
    }

    /** A frame is in a channel. */
    void sent(final DirectBuffer frame, final int offset) {
        handshakes.sent(frame, offset);
        nacks.sent(frame, offset);
    }

    @Override
    public Outbox open(final String channel, final int streamId, final int rowFrameBytes) {
        return new SimOutbox(this, owner, plane, coverage, streamId, limitOf(rowFrameBytes));
    }

    private int limitOf(final int rowFrameBytes) {
        final int mtuBytes = plane.settings().mtuBytes();
        return rowFrameBytes <= mtuBytes ? mtuBytes : Math.max(maxFrameBytes, rowFrameBytes);
    }

    @Override
    public Lifeline hold(final NodeEndpoint node, final long proof, final long observedNs) {
        return new Watched(node, plane.lifelines().hold(node.incarnation(), proof));
    }

    /** Nodes whose lifelines the router's end saw cut since it was last asked this. */
    public List<NodeEndpoint> takeCut() {
        if (cut.isEmpty()) {
            return List.of();
        }
        final List<NodeEndpoint> taken = List.copyOf(cut);
        cut.clear();
        return taken;
    }

    /** Hears the answers as they come. */
    private final class Overheard implements Inbox, Inbox.Sink {
        private final Inbox port;
        private Sink sink = this;

        private Overheard(final Inbox port) {
            this.port = port;
        }

        @Override
        public int poll(final Sink newSink, final int limit) {
            sink = newSink;
            return port.poll(this, limit);
        }

        @Override
        public void onFragment(
                final int sessionId, final byte flags, final DirectBuffer buffer, final int offset, final int length) {
            handshakes.came((flags & WHOLE) == WHOLE, buffer, offset, length);
            sink.onFragment(sessionId, flags, buffer, offset, length);
        }

        @Override
        public boolean hasImage(final int sessionId) {
            return port.hasImage(sessionId);
        }

        @Override
        public @Nullable String sourceOf(final int sessionId) {
            return port.sourceOf(sessionId);
        }

        @Override
        public void close() {
            port.close();
        }
    }

    /** Counts the cuts that are seen, and remembers them. */
    private final class Watched implements Lifeline {
        private final NodeEndpoint node;
        private final Lifelines.Held held;
        private boolean seen;

        private Watched(final NodeEndpoint node, final Lifelines.Held held) {
            this.node = node;
            this.held = held;
        }

        @Override
        public boolean isCut(final long observedNs) {
            final boolean isCut = held.isCut(observedNs);
            if (isCut && !seen) {
                seen = true;
                cut.add(node);
                coverage.link(held.isItsNodeAlive() ? LinkEvent.LIFELINE_CUT_FALSELY : LinkEvent.LIFELINE_CUT);
            }
            return isCut;
        }

        @Override
        public void close() {
            held.close();
        }
    }
}
