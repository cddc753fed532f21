package io.cheshire.planner.core.screen;

import io.cheshire.model.core.checkpoint.GpuNeeds;
import io.cheshire.planner.core.cost.DeviceMemory;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlannedModel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node's and a router's memory holds.
 *
 * @param node            in parts of a node's memory
 * @param router          the same of a router
 * @param kvTokens        positions that a router's KV cache has
 * @param kvMeasured      read from a running engine instead of computed
 * @param roomForNode     whether the others can take the units of a node that is lost, for as long as it is away
 * @param roomForRack     the same of the largest rack
 * @param hostBytes       that a node with a GPU holds of its host's memory beside it: rows in flight, and what is
 *                        pinned; 0 where units are in the host's own
 */
public record MemoryBudget(
        Parts node,
        Parts router,
        double kvTokens,
        boolean kvMeasured,
        boolean roomForNode,
        boolean roomForRack,
        double hostBytes) {
    /** Of a device's memory kernels, the driver and what nobody counts take this. */
    private static final double KEPT_BACK = 0.06;

    /** A node holds rows and results of so many rows for each router (cheshire.transport.window-rows). */
    private static final long WINDOW_ROWS = 4_096;

    private static final int BLOCK_TOKENS = 16;

    /**
     * Bytes of one process on its device.
     *
     * @param weights   its share of units, or its own weights
     * @param copies    further copies of units
     * @param workspace rows in flight, or 0; of a GPU rows in its kernels, and a unit as it is loaded
     * @param kv        keys and values
     * @param free      what is left
     * @param limit     what there is; 0 where nobody said, as of a calibrated router
     */
    public record Parts(double weights, double copies, double workspace, double kv, double free, double limit) {
        public boolean fits() {
            return limit == 0 || free >= 0;
        }
    }

    /** Of a fleet. */
    public static MemoryBudget of(final CapacityPlan plan, final FleetShape fleet) {
        final PlannedModel model = plan.model();
        final Device device = plan.nodeClass().device();
        final boolean isGpu = device == Device.GPU;
        final GpuNeeds gpu = DeviceMemory.onGpu(model);
        final double once = (double) model.unitCount() * DeviceMemory.unitBytes(model, device) / fleet.nodes();
        final double copies = once * (fleet.replicas() - 1);
        final double inFlight = (double) WINDOW_ROWS * fleet.routers() * model.rowAndResultBytes();
        final double workspace = isGpu ? gpu.rowsBytes() + gpu.loadBytes() : inFlight;
        final double limit = plan.nodeClass().memoryBytes() * (1 - KEPT_BACK);
        final double free = limit - once - copies - workspace;
        final Parts node = new Parts(once, copies, workspace, 0, limit == 0 ? 0 : free, limit);
        final double all = free * fleet.nodes() + fleet.spares() * limit;
        final double held = once + copies;
        final int lost = plan.fleet().racks() == 0
                ? 1
                : Math.ceilDiv(fleet.nodes(), plan.fleet().racks());
        final boolean room = limit > 0 && fleet.nodes() > 1;
        return new MemoryBudget(
                node,
                router(plan, model),
                kvTokens(plan, model),
                plan.routerClass().memoryBytes() == 0,
                room && all - free >= held,
                room && fleet.nodes() > lost && all - lost * free >= lost * held,
                isGpu ? inFlight + gpu.hostBytes() : 0);
    }

    private static Parts router(final CapacityPlan plan, final PlannedModel model) {
        final double limit = plan.routerClass().memoryBytes() * (1 - KEPT_BACK);
        final double weights = model.routerBytes();
        final double kv = Math.max(0, kvTokens(plan, model)) * model.kvBytesPerToken();
        return new Parts(weights, 0, 0, kv, limit == 0 ? 0 : limit - weights - kv, limit);
    }

    private static double kvTokens(final CapacityPlan plan, final PlannedModel model) {
        if (plan.routerClass().memoryBytes() == 0) {
            return (double) plan.routerClass().calibration().kvBlocks() * BLOCK_TOKENS;
        }
        final double left = plan.routerClass().memoryBytes() * (1 - KEPT_BACK) - model.routerBytes();
        return left / model.kvBytesPerToken();
    }

    public boolean fits() {
        return node.fits() && router.fits() && kvTokens > 0;
    }

    /** What doesn't fit, for people; empty where all does. */
    public List<String> problems(final FleetShape fleet, final FleetOptions options) {
        final List<String> found = new ArrayList<>();
        if (!node.fits()) {
            found.add("a node needs " + SizeWords.of(node.limit() - node.free()) + " and has "
                    + SizeWords.of(node.limit()) + ": take more than " + fleet.nodes() + " nodes, or fewer than "
                    + fleet.replicas() + " replicas");
        }
        if (kvTokens <= 0 || !router.fits()) {
            found.add("a router needs " + SizeWords.of(router.weights()) + " for its own weights and has "
                    + SizeWords.of(router.limit()) + ": take a router class with more memory");
        }
        if (found.isEmpty() && fleet.replicas() > 1 && options.racks() > 1 && !roomForRack) {
            found.add("memory has no room to make the copies of a lost rack again");
        }
        return found;
    }
}
