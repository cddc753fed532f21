package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.transport.core.GrantedCredit;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.WindowCredit;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.FrameFilter;
import io.cheshire.transport.protocol.ModelIdentity;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Where bugs are planted between links and what they stand on. Without a bug it hands on what it is given. */
final class PlantedLinks {
    private final PlantedBug bug;
    private final SplittableRandom random;

    PlantedLinks(final PlantedBug bug, final SplittableRandom random) {
        this.bug = bug;
        this.random = random;
    }

    /** What a router's end judges frames by. */
    FrameFilter gateOfRouter(final FrameFilter gate, final ModelIdentity model, final Handshakes handshakes) {
        return switch (bug) {
            case OPEN_GATE -> new OpenGate(gate, model);
            case ACCEPT_EARLIER_LINK -> new ForgivingGate(gate, ForgivingGate.Forgives.EARLIER_LINKS, handshakes);
            case ACCEPT_LATE_ANSWER -> new ForgivingGate(gate, ForgivingGate.Forgives.LATE_ANSWERS, handshakes);
            default -> gate;
        };
    }

    /** What counts the credit that a node grants. */
    Supplier<NodeCredit> creditOfNodes() {
        return switch (bug) {
            case IGNORE_CREDIT -> () -> new WrongNodeCredit(true);
            case KEEP_OLD_CREDIT -> () -> new WrongNodeCredit(false);
            default -> GrantedCredit::new;
        };
    }

    /** What counts the credit that a router has. */
    Supplier<RouterCredit> creditOfRouters(final int windowRows) {
        return bug == PlantedBug.FORGET_CREDIT
                ? () -> new ForgettingCredit(windowRows, random)
                : () -> new WindowCredit(windowRows);
    }

    /** The network beneath links. */
    Wire wire(final Wire wire) {
        return switch (bug) {
            case HIDE_LIFELINE_CUT, FORGET_NACK -> new WrongWire(wire, bug);
            default -> wire;
        };
    }
}
