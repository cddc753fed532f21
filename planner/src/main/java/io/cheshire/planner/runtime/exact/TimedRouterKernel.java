package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.hardware.RouterCompute;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.planner.core.routing.RowRouting;
import java.util.IdentityHashMap;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Computes no number: chooses experts as the routing says, and counts what the real one would combine. */
final class TimedRouterKernel implements RouterCompute {
    private static final int EXPERTS_PER_TOKEN = 2;

    private final RowRouting routing;
    private final KvLayout layout;
    private final SplittableRandom random;
    private final @Nullable RunBook book;
    private final long[] rowsCombined;
    /** Where the recording of a lane's step begins. */
    private final IdentityHashMap<LaneBuffers, Integer> blocks = new IdentityHashMap<>();

    TimedRouterKernel(
            final RowRouting routing,
            final KvLayout layout,
            final SplittableRandom random,
            final @Nullable RunBook book) {
        this.book = book;
        this.routing = routing;
        this.layout = layout;
        this.random = random;
        this.rowsCombined = new long[routing.layers()];
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        blocks.put(lane, routing.block(random));
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        if (layer > 0) {
            rowsCombined[layer - 1] += batch.rowCount;
        }
        final Integer block = blocks.get(lane);
        if (block == null) {
            throw new IllegalStateException("a step began without its embedding");
        }
        routing.draw(block, layer, batch.rowCount, lane.experts, random);
        if (book != null) {
            book.chose(layer, lane.experts, EXPERTS_PER_TOKEN * batch.rowCount);
        }
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        rowsCombined[rowsCombined.length - 1] += batch.rowCount;
    }

    @Override
    public long[] rowsCombined() {
        return rowsCombined.clone();
    }

    @Override
    public long poisonedRows() {
        return 0;
    }

    @Override
    public KvLayout kvLayout() {
        return layout;
    }

    @Override
    public long weightBytes() {
        return 0;
    }

    @Override
    public long kvBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
