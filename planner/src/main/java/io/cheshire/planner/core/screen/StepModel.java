package io.cheshire.planner.core.screen;

import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.LengthMix;
import io.cheshire.planner.protocol.plan.PlannedModel;
import io.cheshire.planner.protocol.plan.PlannedNetwork;

/** How long a step of one lane takes while all others of its fleet work alike. Immutable. */
public final class StepModel {
    private final PlannedModel model;
    private final CostCurves router;
    private final ExpertStation experts;
    private final PlannedNetwork network;
    private final FleetShape fleet;
    private final HostShare host;
    private final double decodeContext;
    private final double prefillContext;

    /** What processes of a fleet share; {@code cores} 0 where each has a host of its own. */
    record HostShare(int cores, int nodeThreads, int routerThreads) {}

    StepModel(
            final PlannedModel model,
            final CostCurves router,
            final ExpertStation experts,
            final PlannedNetwork network,
            final FleetShape fleet,
            final HostShare host,
            final LengthMix lengths) {
        this.model = model;
        this.router = router;
        this.experts = experts;
        this.network = network;
        this.fleet = fleet;
        this.host = host;
        this.decodeContext = lengths.meanDecodeContext();
        this.prefillContext = lengths.meanPrefillContext();
    }

    /** A step with so many decode and prefill rows, in means: parts of rows count. Other lanes do the same. */
    StepTime step(final double decodeRows, final double prefillRows) {
        return beside(decodeRows, prefillRows, (fleet.lanes() - 1) * routerNs(decodeRows, prefillRows));
    }

    /** What the router does in a step of one lane; lanes take turns layer by layer, so it adds up over lanes. */
    double routerNs(final double decodeRows, final double prefillRows) {
        final double sent = model.shape().expertsPerToken() * (decodeRows + prefillRows);
        return model.shape().layerCount()
                        * routerPart(decodeRows, prefillRows, sent).sumNs()
                + extraNs(decodeRows);
    }

    private double extraNs(final double decodeRows) {
        return router.ns(Quantity.HEAD, decodeRows, 0)
                + router.ns(Quantity.SAMPLER, decodeRows, 0)
                + router.ns(Quantity.STEP, decodeRows, 0);
    }

    /** The same while the router does so much for its other lanes. */
    StepTime beside(final double decodeRows, final double prefillRows, final double othersNs) {
        final double rows = decodeRows + prefillRows;
        final int lanes = fleet.lanes();
        final int layers = model.shape().layerCount();
        final double sent = model.shape().expertsPerToken() * rows;
        final StepTime.RouterPart part = routerPart(decodeRows, prefillRows, sent);
        final ExpertStation.Cost cost = experts.at(rows);
        final double exchange = Math.max(0, router.ns(Quantity.EXCHANGE, sent, cost.shards()) - part.copyNs());
        final double wire = network.rttNs() + cardNs(sent);
        final double taken = layers * part.sumNs() + othersNs;
        final double alone = part.sumNs() + exchange + wire + cost.slowestNs();
        final double queue = queueNs(cost.hottestNs(), alone);
        final double trip = alone + queue;
        // Nodes take the rows of all lanes together where they can't keep up: then each waits for that.
        final double merged = experts.slowestNs(rows * lanes * fleet.routers());
        final double extra = extraNs(decodeRows);
        final double[] bounds = {
            taken + extra,
            layers * lanes * cardNs(sent),
            layers * merged + extra,
            layers * trip + extra,
            hostNs(layers * part.sumNs() + extra, layers * cost.meanNs())
        };
        final Station[] stations = {Station.ROUTER, Station.NETWORK, Station.EXPERTS, Station.ROUND_TRIP, Station.HOST};
        int most = 0;
        for (int i = 1; i < bounds.length; i++) {
            most = bounds[i] > bounds[most] ? i : most;
        }
        return new StepTime(
                bounds[most], part, exchange, wire, cost.slowestNs(), cost.meanNs(), queue, extra, stations[most]);
    }

    private StepTime.RouterPart routerPart(final double decodeRows, final double prefillRows, final double sent) {
        final double decode =
                decodeRows <= 0 ? 0 : router.ns(Quantity.ATTENTION_DECODE, decodeRows * decodeContext, decodeRows);
        final double prefill =
                prefillRows <= 0 ? 0 : router.ns(Quantity.ATTENTION_PREFILL, prefillRows, prefillRows * prefillContext);
        return new StepTime.RouterPart(
                decode + prefill,
                router.ns(Quantity.PROJECTIONS, decodeRows + prefillRows, 0),
                router.perFirstNs(Quantity.EXCHANGE) * sent);
    }

    /** Results come as fp32, rows go in the model's precision: what comes in takes longer. */
    private double cardNs(final double sent) {
        final double bytes = sent * model.shape().hiddenSize() * Math.max(Float.BYTES, model.bytesPerWeight());
        return 1e9 * bytes / network.bytesPerSecond();
    }

    /**
     * Waiting behind the other lanes at a node. In one layer's trip each of them is there once, so the node is busy for
     * {@code rho = work / (alone + queue)}, and {@code rho / (1 - rho) / 2} of their shards lie before this one (one
     * server, even service times). The queue is part of the trip, so both are solved together: a quadratic equation.
     * More work of the router never shortens it: lanes that wait for their router are bound by that, not by this.
     */
    private double queueNs(final double hottestNs, final double aloneNs) {
        final int others = fleet.lanes() * fleet.routers() - 1;
        final double work = others * hottestNs;
        final double spare = aloneNs - work;
        return Math.min(work, (Math.sqrt(spare * spare + 2 * hottestNs * work) - spare) / 2);
    }

    private double hostNs(final double routerNs, final double nodeNs) {
        if (host.cores() == 0) {
            return 0;
        }
        final double lanes = (double) fleet.lanes() * fleet.routers() * fleet.cells();
        final double work = lanes * (routerNs * host.routerThreads() + nodeNs * fleet.nodes() * host.nodeThreads());
        return work / host.cores();
    }

    /** Part of its time that the busiest node computes, if every lane takes a step in so many ns. */
    double nodeBusy(final double rows, final double stepNs) {
        final double alone =
                experts.at(rows).hottestNs() * model.shape().layerCount() * fleet.lanes() * fleet.routers();
        return Math.min(1, alone / stepNs);
    }

    /** Whether what a step asks of the calibration was measured; else what wasn't. */
    java.util.List<String> outside(final double decodeRows, final double prefillRows) {
        final java.util.List<String> found = new java.util.ArrayList<>();
        final double rows = decodeRows + prefillRows;
        final double sent = model.shape().expertsPerToken() * rows;
        check(found, Quantity.PROJECTIONS, rows, 0);
        check(found, Quantity.ATTENTION_DECODE, decodeRows * decodeContext, decodeRows);
        check(found, Quantity.ATTENTION_PREFILL, prefillRows, prefillRows * prefillContext);
        check(found, Quantity.HEAD, decodeRows, 0);
        check(found, Quantity.EXCHANGE, sent, experts.at(rows).shards());
        return found;
    }

    private void check(
            final java.util.List<String> found, final Quantity quantity, final double first, final double second) {
        if (!router.covers(quantity, first, second)) {
            found.add(quantity.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " at " + Math.round(first)
                    + (quantity.arguments() > 1 ? " and " + Math.round(second) : ""));
        }
    }
}
