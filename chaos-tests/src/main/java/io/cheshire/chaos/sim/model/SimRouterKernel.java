package io.cheshire.chaos.sim.model;

import io.cheshire.chaos.sim.hardware.RouterCompute;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.ValueLayout;
import java.util.function.BiConsumer;

/**
 * Attention and gate of the model, over a paged KV cache, and the strictest reader of what the exchange delivers:
 * before it combines a row it computes both experts itself and compares every bit. A result that never came is found,
 * since the places of the results are filled with a mark first.
 */
public final class SimRouterKernel implements RouterCompute {
    private static final int MISSING = 0x7FA5_5A5A;
    private static final int POISONED = 0xFFFF_FFFF;
    private static final long NOT_COMPUTED = 0x0BAD_0BAD_0BAD_0BADL;

    private final SimModel model;
    private final KvLayout layout;
    private final BiConsumer<String, String> violate;
    private final long[][] entries;
    private final long[] rowsCombined;
    private final float[] x;
    private final float[] row;
    private final float[] first;
    private final float[] second;
    private final float[] expected;
    private long poisonedRows;
    private boolean swapWeights;

    /** @param violate called with the promise and what happened instead */
    public SimRouterKernel(final SimModel model, final KvLayout layout, final BiConsumer<String, String> violate) {
        this.model = model;
        this.layout = layout;
        this.violate = violate;
        entries = new long[model.config().layerCount()][layout.blockCount() * layout.tokensPerBlock()];
        rowsCombined = new long[model.config().layerCount()];
        x = new float[model.hidden()];
        row = new float[model.hidden()];
        first = new float[model.hidden()];
        second = new float[model.hidden()];
        expected = new float[model.hidden()];
    }

    /** Plants a bug: the weights of a row's experts change places. */
    public void swapWeights() {
        swapWeights = true;
    }

    @Override
    public long[] rowsCombined() {
        return rowsCombined.clone();
    }

    @Override
    public long poisonedRows() {
        return poisonedRows;
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        for (int at = 0; at < batch.rowCount; at++) {
            model.embed(batch.tokenIds[at], x);
            SimRows.write(lane.residual, Dtype.F32, at, x);
        }
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        if (layer > 0) {
            combineAll(layer - 1, batch, lane);
        }
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            for (int i = 0; i < batch.rowsOf[slot]; i++) {
                attend(layer, batch, lane, slot, i);
            }
        }
        for (int place = 0; place < batch.rowCount * 2 * x.length; place++) {
            lane.results.setAtIndex(ValueLayout.JAVA_INT, place, MISSING);
        }
    }

    private void attend(final int layer, final StepBatch batch, final LaneBuffers lane, final int slot, final int i) {
        final int at = batch.firstRow[slot] + i;
        final int position = batch.firstPosition[slot] + i;
        final int[] blocks = batch.blockTables[slot];
        SimRows.read(lane.residual, Dtype.F32, at, x);
        entries[layer][place(blocks, position)] = Float.isNaN(x[0]) ? NOT_COMPUTED : model.kvEntry(layer, position, x);
        long context = 0;
        boolean computed = true;
        for (int p = 0; p <= position; p++) {
            final long entry = entries[layer][place(blocks, p)];
            computed &= entry != NOT_COMPUTED;
            context = SimModel.context(context, entry);
        }
        model.attend(layer, context, x, row);
        model.gate(layer, x, lane.experts, lane.weights, 2 * at);
        if (!computed) {
            x[0] = Float.NaN;
        }
        SimRows.write(lane.residual, Dtype.F32, at, x);
        SimRows.write(lane.dispatchRows, model.precision().rowDtype(), at, row);
    }

    private int place(final int[] blocks, final int position) {
        return blocks[position / layout.tokensPerBlock()] * layout.tokensPerBlock()
                + position % layout.tokensPerBlock();
    }

    private void combineAll(final int layer, final StepBatch batch, final LaneBuffers lane) {
        for (int at = 0; at < batch.rowCount; at++) {
            rowsCombined[layer]++;
            SimRows.read(lane.residual, Dtype.F32, at, x);
            SimRows.read(lane.dispatchRows, model.precision().rowDtype(), at, row);
            SimRows.read(lane.results, Dtype.F32, 2 * at, first);
            SimRows.read(lane.results, Dtype.F32, 2 * at + 1, second);
            final boolean whole = check(layer, lane, at, 0, first) && check(layer, lane, at, 1, second);
            final int swap = swapWeights ? 1 : 0;
            SimModel.combine(x, first, second, lane.weights[2 * at + swap], lane.weights[2 * at + 1 - swap]);
            if (!whole) {
                poisonedRows++;
                x[0] = Float.NaN;
            }
            SimRows.write(lane.residual, Dtype.F32, at, x);
        }
    }

    /** Whether a result is there and not given up; that it is right is demanded. */
    private boolean check(
            final int layer, final LaneBuffers lane, final int at, final int choice, final float[] result) {
        final int bits = lane.results.getAtIndex(ValueLayout.JAVA_INT, (2L * at + choice) * result.length);
        final int expert = lane.experts[2 * at + choice];
        if (bits == MISSING) {
            violate.accept(
                    "every row is combined with both its experts",
                    "row " + at + " of layer " + layer + " went on without the result of expert " + expert);
            return false;
        }
        if (bits == POISONED) {
            return false;
        }
        model.expert(layer, expert, row, expected);
        for (int i = 0; i < result.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(result[i])) {
                violate.accept(
                        "every result is that of the reference",
                        "row " + at + " of layer " + layer + " got " + result[i] + " at element " + i + " as expert "
                                + expert + "'s, which computes " + expected[i]);
                return false;
            }
        }
        return true;
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        combineAll(model.config().layerCount() - 1, batch, lane);
        final int vocabulary = model.config().vocabSize();
        for (int i = 0; i < batch.logitsRowCount; i++) {
            SimRows.read(lane.residual, Dtype.F32, batch.logitsRows[i], x);
            for (int token = 0; token < vocabulary; token++) {
                final float logit = Float.isNaN(x[0]) ? Float.NaN : model.logit(x, token);
                lane.logits.setAtIndex(ValueLayout.JAVA_FLOAT, (long) i * vocabulary + token, logit);
            }
        }
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
