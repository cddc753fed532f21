package io.cheshire.chaos.sim.parameters;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.model.protocol.Precision;

/** How large cluster, model and memories are. */
public final class ClusterShape {
    /** Longest prompt of a client. */
    public static final int MAX_PROMPT = 6;

    /** Longest output that a client asks for. */
    public static final int MAX_OUTPUT = 8;

    private static final int MAX_SEQUENCE = MAX_PROMPT + MAX_OUTPUT;

    public final int nodes;
    public final int routers;
    public final int clientsPerRouter;
    public final int layers;
    public final int experts;
    public final int hidden;
    public final int vocabulary = 16;
    public final Precision precision;
    /** Failure domains of the nodes. */
    public final SimRacks racks;

    public final int unitsOfMemory;
    public final int kvBlocks;
    public final int kvBlockTokens;
    public final boolean secret;

    /** What is asked for, and not drawn. */
    public record Sizes(
            int nodes,
            int routers,
            int racks,
            int layers,
            int experts,
            int hidden,
            int unitsOfMemory,
            int kvBlocks,
            int kvBlockTokens) {}

    /** One without clients of its own. */
    ClusterShape(final Sizes sizes) {
        nodes = sizes.nodes;
        routers = sizes.routers;
        clientsPerRouter = 0;
        layers = sizes.layers;
        experts = sizes.experts;
        hidden = sizes.hidden;
        precision = Precision.BF16;
        racks = new SimRacks(sizes.racks, sizes.nodes, 0);
        unitsOfMemory = sizes.unitsOfMemory;
        kvBlocks = sizes.kvBlocks;
        kvBlockTokens = sizes.kvBlockTokens;
        secret = false;
    }

    /** @param bug what is planted; some need racks */
    ClusterShape(final Draws draws, final PlantedBug bug) {
        nodes = draws.pick(1, 2, 2, 3, 3, 4, 5, 6);
        routers = draws.pick(1, 1, 2, 2, 3);
        clientsPerRouter = draws.pick(1, 2, 3, 4, 8);
        layers = draws.pick(1, 2, 2, 3);
        experts = draws.pick(2, 3, 4, 6, 8);
        hidden = draws.pick(4, 6, 8, 16);
        precision = draws.coin(0.5) ? Precision.BF16 : Precision.FP32;
        final int share = Math.ceilDiv(units(), nodes);
        racks = SimRacks.draw(draws.apart(53), nodes, bug.needs().contains(FaultKind.RACK_LOSS));
        unitsOfMemory = share * (draws.pick(1, 1, 2, 3) + racks.spareShares()) + draws.pick(0, 0, 1, 2, layers);
        kvBlockTokens = draws.pick(1, 2, 4);
        kvBlocks = Math.ceilDiv(MAX_SEQUENCE, kvBlockTokens) * draws.pick(1, 1, 2, 4) + draws.pick(0, 1, 3);
        secret = draws.coin(0.2);
    }

    /** Units of the model. */
    public int units() {
        return layers * experts;
    }

    String describe() {
        return nodes + " nodes of " + unitsOfMemory + " units in " + racks.count() + " racks, " + routers
                + " routers of " + clientsPerRouter + " clients, " + layers + " layers of " + experts
                + " experts, rows of " + hidden + ' ' + precision;
    }
}
