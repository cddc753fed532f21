package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.check.LinkEvent;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.core.link.LinkRules;
import io.cheshire.transport.core.link.NodeEnd;
import io.cheshire.transport.core.link.NodeEndLog;
import io.cheshire.transport.core.link.NodeEndState;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.core.link.RouterEndLog;
import io.cheshire.transport.core.link.RouterEndState;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.HelloStatus;
import java.util.SplittableRandom;

/** Puts the production's two ends of links on the simulated network, and listens to what they tell. */
public final class SimLinks {
    private final SimContext context;
    private final SimProcess owner;
    private final LinkRules rules;
    private final SplittableRandom random;
    private final SimWire wire;
    private final PlantedLinks planted;

    /**
     * Of one life of a process.
     *
     * @param random draws link ids, where Hellos start, and what planted bugs do
     */
    public SimLinks(
            final SimContext context,
            final SimProcess owner,
            final TransportConfig config,
            final SplittableRandom random) {
        this.context = context;
        this.owner = owner;
        this.rules = config.links();
        this.random = random;
        this.wire = new SimWire(owner, context.plane(), config.maxFrameBytes(), context.coverage(), context.world());
        this.planted = new PlantedLinks(context.bug(), random.split());
    }

    /** The network of this life. */
    public SimWire wire() {
        return wire;
    }

    /** The end of this life, which is a router's. */
    public RouterEnd router(final RouterIdentity identity) {
        final Counted counted = new Counted(random.nextLong(1L << 30));
        final RouterEnd.Parts usual =
                RouterEnd.Parts.of(identity, context.identity(), rules, counted::next, new RouterLog());
        return new RouterEnd(
                planted.wire(wire),
                identity,
                context.identity(),
                rules,
                new RouterEnd.Parts(
                        planted.gateOfRouter(usual.gate(), context.identity(), wire.handshakes()),
                        planted.creditOfNodes(),
                        usual.sequences(),
                        usual.log()));
    }

    /** The end of this life, which is a node's. */
    public NodeEnd node(final NodeEndpoint endpoint) {
        final NodeEnd.Parts usual = NodeEnd.Parts.of(
                endpoint,
                context.identity(),
                rules,
                () -> random.nextLong() | 1,
                endpoint.lifeline().isEmpty()
                        ? null
                        : context.plane().lifelines().open(endpoint.incarnation()),
                new NodeLog());
        return new NodeEnd(
                planted.wire(wire),
                endpoint,
                context.identity(),
                rules,
                new NodeEnd.Parts(
                        usual.gate(),
                        planted.creditOfRouters(rules.windowRows()),
                        usual.linkIds(),
                        usual.lifelines(),
                        usual.log()));
    }

    /** Adds what an end counted in this life. */
    public void count(final TransportCounters counters) {
        final Coverage coverage = context.coverage();
        coverage.link(LinkEvent.STALE_FRAME, counters.get(TransportCounter.STALE_FRAMES));
        coverage.link(LinkEvent.FORGED_FRAME, counters.get(TransportCounter.FRAMES_FORGED));
        coverage.link(LinkEvent.REPLAYED_FRAME, counters.get(TransportCounter.FRAMES_REPLAYED));
        coverage.link(LinkEvent.DROPPED_FRAGMENT, counters.get(TransportCounter.FRAGMENTS_DROPPED));
    }

    /** Numbers of Hellos, far enough from one another. */
    private static final class Counted {
        private long next;

        private Counted(final long first) {
            this.next = first;
        }

        private long next() {
            return next++ << 20;
        }
    }

    private final class RouterLog implements RouterEndLog {
        @Override
        public void moved(final int nodeId, final RouterEndState from, final RouterEndState to, final String reason) {
            context.coverage().moved(from, to);
            context.world().note(owner.name(), () -> "link to node " + nodeId + ": " + to + ", " + reason);
            if (to != RouterEndState.UP) {
                return;
            }
            wire.handshakes().began(nodeId);
            if (!wire.handshakes().areOfOneMind(nodeId)) {
                context.world()
                        .violate(
                                "a link begins with the answer to the last Hello",
                                owner.name() + " took another one of node " + nodeId);
            }
        }

        @Override
        public void lifelinesDistrusted(final int nodeId, final int cuts) {
            context.coverage().link(LinkEvent.LIFELINES_DISTRUSTED);
        }
    }

    private final class NodeLog implements NodeEndLog {
        @Override
        public void moved(final int routerId, final NodeEndState from, final NodeEndState to, final String reason) {
            context.coverage().moved(from, to);
            context.world().note(owner.name(), () -> "link to router " + routerId + ": " + to + ", " + reason);
        }

        @Override
        public void routerRefused(final Hello hello, final HelloStatus status) {
            context.coverage().link(LinkEvent.ROUTER_REFUSED);
        }

        @Override
        public void helloUnanswered(final Hello hello, final String why, final long count) {
            context.coverage().link(LinkEvent.HELLO_UNANSWERED);
        }

        @Override
        public void nackWaits(final int routerId, final NackReason reason) {
            context.coverage().link(LinkEvent.NACK_WITHOUT_ROOM);
        }
    }
}
