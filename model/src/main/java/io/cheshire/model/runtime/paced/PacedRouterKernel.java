package io.cheshire.model.runtime.paced;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.core.paced.PacedChoices;
import io.cheshire.model.core.paced.PacedTimes;
import io.cheshire.model.protocol.ModelConfig;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;

/** The router's kernels, paced. Device thread. */
final class PacedRouterKernel implements RouterKernel {
    private final ModelConfig config;
    private final KvLayout kv;
    private final long kvBytes;
    private final PacedTimes times;
    private final Pacer pacer;
    /** By lane, the token that each row of its logits named last: the only one that isn't zero. Lanes are few. */
    private final IdentityHashMap<LaneBuffers, int[]> named = new IdentityHashMap<>();

    PacedRouterKernel(
            final ModelConfig config,
            final KvLayout kv,
            final long kvBytes,
            final PacedTimes times,
            final Pacer pacer) {
        this.config = config;
        this.kv = kv;
        this.kvBytes = kvBytes;
        this.times = times;
        this.pacer = pacer;
    }

    /** Part of what a step costs beside its kernels, which paced clusters really pay. */
    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        // rows hold what they held: nobody computes with them
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        final long beganNs = System.nanoTime();
        final int choices = config.expertsPerToken();
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            for (int i = 0; i < batch.rowsOf[slot]; i++) {
                final int row = batch.firstRow[slot] + i;
                final int position = batch.firstPosition[slot] + i;
                final int token = batch.tokenIds[row];
                final int first = PacedChoices.first(token, position, layer, config.expertCount());
                lane.experts[row * choices] = first;
                lane.experts[row * choices + 1] =
                        PacedChoices.second(token, position, layer, config.expertCount(), first);
                lane.weights[row * choices] = 0.5f;
                lane.weights[row * choices + 1] = 0.5f;
            }
        }
        pacer.pace(beganNs, times.layerNs(batch));
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        final long beganNs = System.nanoTime();
        final int[] last = named.computeIfAbsent(lane, key -> new int[key.maxLogitsRows()]);
        int slot = 0;
        for (int i = 0; i < batch.logitsRowCount; i++) {
            final int row = batch.logitsRows[i];
            while (row >= batch.firstRow[slot] + batch.rowsOf[slot]) {
                slot++;
            }
            final int position = batch.firstPosition[slot] + row - batch.firstRow[slot];
            final long rowAt = (long) i * config.headWidth();
            lane.logits.setAtIndex(ValueLayout.JAVA_FLOAT, rowAt + last[i], 0);
            last[i] = PacedChoices.next(batch.tokenIds[row], position, config.headWidth());
            lane.logits.setAtIndex(ValueLayout.JAVA_FLOAT, rowAt + last[i], 1);
        }
        pacer.pace(beganNs, times.headNs(batch.logitsRowCount));
    }

    @Override
    public KvLayout kvLayout() {
        return kv;
    }

    @Override
    public long weightBytes() {
        return 0;
    }

    @Override
    public long kvBytes() {
        return kvBytes;
    }

    @Override
    public void close() {
        named.clear();
    }
}
