package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.Gates;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterStage;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.StageListener;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.core.kernel.StepChecks;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.PackedWeights;
import io.cheshire.model.runtime.onednn.matmul.TensorCopy;
import io.cheshire.model.runtime.onednn.simd.GateDots;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import io.cheshire.model.runtime.onednn.simd.Rope;
import io.cheshire.model.runtime.onednn.simd.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The router's half of the forward pass (docs/model.md §3). Matmuls run on whole steps, everything else row by row over
 * the team.
 *
 * <p>The gate reads the normed row in fp32, before it is rounded for dispatch, with the gate's weights exact in fp32
 * (docs/model.md §4.4 asks for fp32 or better).
 */
final class OneDnnRouterKernel implements RouterKernel {
    /** Elements below which waking the team costs more than it saves. */
    private static final int ELEMENTS_PER_PART = 32_768;
    /** The head's tiles: its results are too wide to be padded further. */
    private static final int LOGITS_BLOCK_ROWS = 32;

    private final OpenMpTeam team;
    private final ModelConfig config;
    private final int maxRows;
    private final int hidden;
    /** Whether rows that are multiplied here are rounded to bf16; those that are rounded to integers aren't. */
    private final boolean bf16;

    private final boolean dispatchesBf16;
    private final long dispatchBytes;
    private final long hiddenBytes;
    private final long rowBytes;
    private final long qkvRowBytes;
    private final Gate gate;
    private final Dtype embeddingDtype;
    private final NativeBuffer embedding;
    private final List<RouterLayer> layers = new ArrayList<>();
    private final NativeBuffer normWeight;
    private final NativeBuffer normBias;
    /** Of a language model. */
    private final @Nullable PackedWeights lmHead;
    /** Of a model that scores. */
    private final @Nullable HeadRows scoreHead;

    private final float[] scoreScratch;
    private final KvCache cache;
    private final PagedAttention attention;
    private final RouterScratch scratch;

    private final OpenMpTeam.RangeTask embedRows = this::embedRows;
    private final OpenMpTeam.RangeTask inputNormRows = this::inputNormRows;
    private final OpenMpTeam.RangeTask appendRows = this::appendRows;
    private final OpenMpTeam.RangeTask gateRows = this::gateRows;
    private final OpenMpTeam.RangeTask finalNormRows = this::finalNormRows;

    private StageListener stages = StageListener.NONE;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private int layer;
    private RouterLayer weights;
    private StepBatch batch;
    private LaneBuffers lane;
    private final int[] slotOfRow;

    @SuppressWarnings("NullAway.Init") // weights, batch and lane are set at the start of every call
    OneDnnRouterKernel(
            final MatmulContext context,
            final ModelConfig config,
            final Precision precision,
            final RouterWeights source,
            final KvLayout kv,
            final int maxRows) {
        this.team = context.team();
        this.config = config;
        this.maxRows = maxRows;
        this.hidden = config.hiddenSize();
        final Dtype dtype = precision.projectedDtype();
        this.bf16 = dtype == Dtype.BF16;
        this.dispatchesBf16 = precision.rowDtype() == Dtype.BF16;
        this.dispatchBytes = (long) hidden * precision.rowDtype().bytes();
        this.hiddenBytes = (long) hidden * Float.BYTES;
        this.rowBytes = (long) hidden * dtype.bytes();
        this.qkvRowBytes = (config.queryWidth() + 2L * config.kvWidth()) * Float.BYTES;
        this.gate = Gates.of(config);
        this.embeddingDtype = source.embedding().dtype() == Dtype.BF16 ? Dtype.BF16 : Dtype.F32;
        this.embedding = TensorCopy.load(source.embedding(), embeddingDtype, config.vocabSize(), hidden);
        for (int n = 0; n < config.layerCount(); n++) {
            layers.add(
                    new RouterLayer(context, config, precision, source.layers().get(n), maxRows));
        }
        this.normWeight = TensorCopy.load(source.normWeight(), Dtype.F32, hidden);
        this.normBias = TensorCopy.load(source.normBias(), Dtype.F32, hidden);
        TensorCopy.requireShape(source.lmHead(), config.headWidth(), hidden);
        this.scoreHead = config.scoreHead() == null ? null : new HeadRows(source.lmHead(), config.headWidth(), hidden);
        this.scoreScratch = scoreHead == null ? new float[0] : scoreHead.scratch();
        this.lmHead = scoreHead != null
                ? null
                : RouterLayer.pack(
                        context,
                        Math.min(maxRows, LOGITS_BLOCK_ROWS),
                        hidden,
                        precision,
                        List.of(source.lmHead()),
                        Arrays.asList(source.lmHeadBias()));
        this.cache = new KvCache(config, precision.rowDtype(), kv);
        this.attention = new PagedAttention(team, config, cache, bf16, maxRows);
        this.scratch = new RouterScratch(config, dtype, maxRows, team.threads());
        this.slotOfRow = new int[maxRows];
    }

    @Override
    public void embed(final StepBatch step, final LaneBuffers buffers) {
        StepChecks.rows(step, buffers, maxRows);
        for (int row = 0; row < step.rowCount; row++) {
            StepChecks.token(step.tokenIds[row], config.vocabSize());
        }
        begin(step, buffers);
        overRows(step.rowCount, embedRows);
        stages.done(RouterStage.EMBED);
    }

    private void embedRows(final int worker, final int begin, final int end) {
        for (int row = begin; row < end; row++) {
            final long token = batch.tokenIds[row];
            final long to = residual(row);
            if (embeddingDtype == Dtype.BF16) {
                Rows.fromBf16(embedding.address() + token * hidden * Short.BYTES, to, hidden);
            } else {
                Rows.copy(embedding.address() + token * hiddenBytes, to, hidden);
            }
        }
    }

    @Override
    public void attention(final int ofLayer, final StepBatch step, final LaneBuffers buffers) {
        StepChecks.rows(step, buffers, maxRows);
        StepChecks.sequences(step, cache.layout(), config.headDim() / 2);
        begin(step, buffers);
        layer = ofLayer;
        weights = layers.get(ofLayer);
        final int rows = step.rowCount;
        overRows(rows, inputNormRows);
        stages.done(RouterStage.COMBINE);
        weights.qkv.multiply(scratch.normed.address(), rows, scratch.qkv.address(), true);
        stages.done(RouterStage.QKV);
        findSlots();
        overRows(rows, appendRows);
        stages.done(RouterStage.APPEND);
        attention.run(ofLayer, step, scratch.qkv.address(), qkvRowBytes, scratch.attended.address());
        stages.done(RouterStage.ATTEND);
        weights.output.multiply(scratch.attended.address(), rows, scratch.projected.address(), true);
        stages.done(RouterStage.OUTPUT);
        overRows(rows, gateRows);
        stages.done(RouterStage.GATE);
    }

    /**
     * Attention over what the last {@link #attention} call of the same batch left in scratch and cache; for measuring.
     */
    void attentionAlone(final int ofLayer, final StepBatch step) {
        attention.run(ofLayer, step, scratch.qkv.address(), qkvRowBytes, scratch.attended.address());
    }

    /** Adds the previous layer's experts, then the input norm. */
    private void inputNormRows(final int worker, final int begin, final int end) {
        for (int row = begin; row < end; row++) {
            if (layer > 0) {
                combine(row, residual(row));
            }
            final long normed = scratch.normed.address() + row * rowBytes;
            norm(residual(row), weights.inputNormWeight, weights.inputNormBias, bf16 ? workerRow(worker, 0) : normed);
            if (bf16) {
                Rows.toBf16(workerRow(worker, 0), normed, hidden);
            }
        }
    }

    private void findSlots() {
        for (int s = 0; s < batch.sequenceCount; s++) {
            Arrays.fill(slotOfRow, batch.firstRow[s], batch.firstRow[s] + batch.rowsOf[s], s);
        }
    }

    /** RoPE on q and k in place; k and v into the cache. */
    private void appendRows(final int worker, final int begin, final int end) {
        final int headDim = config.headDim();
        final long headBytes = (long) headDim * Float.BYTES;
        final int tokensPerBlock = cache.layout().tokensPerBlock();
        for (int row = begin; row < end; row++) {
            final int slot = slotOfRow[row];
            final int position = batch.firstPosition[slot] + row - batch.firstRow[slot];
            final RopeTable rope = batch.ropeTables[slot];
            final long q = scratch.qkv.address() + row * qkvRowBytes;
            final int rotated = config.headCount() + config.kvHeadCount();
            for (int head = 0; head < rotated; head++) {
                Rope.rotate(
                        q + head * headBytes, rope.pairCount(), rope.cos(), rope.sin(), position * rope.pairCount());
            }
            final int block = batch.blockTables[slot][position / tokensPerBlock];
            final long k = q + config.headCount() * headBytes;
            final long v = k + config.kvHeadCount() * headBytes;
            for (int head = 0; head < config.kvHeadCount(); head++) {
                cache.append(layer, block, position % tokensPerBlock, head, k + head * headBytes, v + head * headBytes);
            }
        }
    }

    /** Adds the attention's output, then the norm for the experts, and the gate. */
    private void gateRows(final int worker, final int begin, final int end) {
        final float[] logits = scratch.gateLogits[worker];
        final int stride = Lanes.padded(config.expertCount());
        final long h = workerRow(worker, 0);
        for (int row = begin; row < end; row++) {
            Rows.add(residual(row), scratch.projected.address() + row * hiddenBytes, hidden);
            norm(residual(row), weights.postNormWeight, weights.postNormBias, h);
            final long dispatch = lane.dispatchRows.address() + row * dispatchBytes;
            if (dispatchesBf16) {
                Rows.toBf16(h, dispatch, hidden);
            } else {
                Rows.copy(h, dispatch, hidden);
            }
            GateDots.logits(h, hidden, weights.gate.address(), stride, logits, 0);
            gate.route(logits, 0, lane.experts, lane.weights, row * config.expertsPerToken());
        }
    }

    /** The residual itself is left as it is: only the rows asked for need the last layer. */
    @Override
    public void logits(final StepBatch step, final LaneBuffers buffers) {
        StepChecks.rows(step, buffers, maxRows);
        StepChecks.logitsRows(step, buffers);
        begin(step, buffers);
        if (scoreHead != null) {
            score(scoreHead, buffers);
        } else if (lmHead != null) {
            overRows(step.logitsRowCount, finalNormRows);
            stages.done(RouterStage.FINAL_COMBINE);
            multiplyHead(lmHead, step.logitsRowCount, buffers);
        }
        stages.done(RouterStage.HEAD);
    }

    private void multiplyHead(final PackedWeights head, final int rows, final LaneBuffers buffers) {
        final long logitsBytes = (long) config.headWidth() * Float.BYTES;
        for (int done = 0; done < rows; done += LOGITS_BLOCK_ROWS) {
            head.multiply(
                    scratch.normed.address() + done * rowBytes,
                    Math.min(LOGITS_BLOCK_ROWS, rows - done),
                    buffers.logits.address() + done * logitsBytes,
                    false);
        }
    }

    /** On the normed row as it is, before any rounding. */
    private void score(final HeadRows head, final LaneBuffers buffers) {
        for (int i = 0; i < batch.logitsRowCount; i++) {
            final int row = batch.logitsRows[i];
            final long x = workerRow(0, 1);
            Rows.copy(residual(row), x, hidden);
            combine(row, x);
            norm(x, normWeight, normBias, workerRow(0, 0));
            head.apply(workerRow(0, 0), scoreScratch, buffers.logits, i);
        }
        stages.done(RouterStage.FINAL_COMBINE);
    }

    private void finalNormRows(final int worker, final int begin, final int end) {
        for (int i = begin; i < end; i++) {
            final int row = batch.logitsRows[i];
            final long x = workerRow(worker, 1);
            Rows.copy(residual(row), x, hidden);
            combine(row, x);
            final long normed = scratch.normed.address() + i * rowBytes;
            norm(x, normWeight, normBias, bf16 ? workerRow(worker, 0) : normed);
            if (bf16) {
                Rows.toBf16(workerRow(worker, 0), normed, hidden);
            }
        }
    }

    private void combine(final int row, final long x) {
        final int choices = config.expertsPerToken();
        final long y = lane.results.address() + (long) row * choices * hiddenBytes;
        Rows.combine(x, y, lane.weights, row * choices, choices, hidden);
    }

    private void norm(final long x, final NativeBuffer weight, final NativeBuffer bias, final long to) {
        Rows.layerNorm(x, weight.address(), bias.address(), (float) config.normEpsilon(), to, hidden);
    }

    private void begin(final StepBatch step, final LaneBuffers buffers) {
        batch = step;
        lane = buffers;
        team.prepareCallingThread();
    }

    private void overRows(final int rows, final OpenMpTeam.RangeTask task) {
        if (rows > 0) {
            team.run(rows, Math.max(1, ELEMENTS_PER_PART / hidden), task);
        }
    }

    private long residual(final int row) {
        return lane.residual.address() + row * hiddenBytes;
    }

    private long workerRow(final int worker, final int index) {
        return scratch.workerRows.address() + (2L * worker + index) * hiddenBytes;
    }

    @Override
    public void listen(final StageListener listener) {
        stages = listener;
    }

    @Override
    public KvLayout kvLayout() {
        return cache.layout();
    }

    @Override
    public long weightBytes() {
        long bytes = embedding.bytes() + normWeight.bytes() + normBias.bytes();
        bytes += (lmHead == null ? 0 : lmHead.bytes()) + (scoreHead == null ? 0 : scoreHead.bytes());
        for (final RouterLayer each : layers) {
            bytes += each.bytes();
        }
        return bytes;
    }

    @Override
    public long kvBytes() {
        return cache.bytes();
    }

    @Override
    public void close() {
        layers.forEach(RouterLayer::close);
        embedding.close();
        normWeight.close();
        normBias.close();
        if (lmHead != null) {
            lmHead.close();
        }
        if (scoreHead != null) {
            scoreHead.close();
        }
        cache.close();
        attention.close();
        scratch.close();
    }
}
