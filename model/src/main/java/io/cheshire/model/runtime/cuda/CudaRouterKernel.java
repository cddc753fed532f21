package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.core.kernel.StepChecks;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;
import io.cheshire.model.runtime.cuda.stream.KernelArgs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The router's half of the forward pass on a GPU (docs/model.md §3, docs/gpu.md). Weights, residual stream and KV cache
 * stay on the device; rows for experts, their results and logits pass through pinned memory. SparseMixer is Java's own
 * gate: the device gives it logits. Calls of several lanes may be under way at once, in one stream.
 */
final class CudaRouterKernel implements RouterKernel {
    private final CudaKernels kernels;
    private final RouterMemory memory;
    private final ModelConfig config;
    private final Dtype dtype;
    private final int maxRows;
    private final int hidden;
    private final Dtype embeddingDtype;
    private final DeviceBlock embedding;
    private final List<RouterLayerWeights> layers = new ArrayList<>();
    private final DeviceBlock norm;
    private final DeviceBlock normBias;
    private final RouterMatrix head;
    private final CudaAttention attention;
    private final RouterBuffers buffers;
    private final RouterLanes lanes;

    /** Frees what it took if it fails. */
    static CudaRouterKernel load(
            final CudaKernels kernels,
            final ModelConfig config,
            final Dtype dtype,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        final RouterMemory memory = new RouterMemory(kernels);
        try {
            return new CudaRouterKernel(memory, config, dtype, weights, kv, maxRows);
        } catch (final RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
    }

    private CudaRouterKernel(
            final RouterMemory memory,
            final ModelConfig config,
            final Dtype dtype,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        this.kernels = memory.kernels();
        this.memory = memory;
        this.config = config;
        this.dtype = dtype;
        this.maxRows = maxRows;
        hidden = config.hiddenSize();
        embeddingDtype = weights.embedding().dtype() == Dtype.BF16 ? Dtype.BF16 : Dtype.F32;
        embedding = memory.tensor(weights.embedding(), embeddingDtype, config.vocabSize(), hidden);
        for (final RouterWeights.Layer layer : weights.layers()) {
            layers.add(RouterLayerWeights.load(memory, config, dtype, layer));
        }
        norm = memory.tensor(weights.normWeight(), Dtype.F32, hidden);
        normBias = memory.tensor(weights.normBias(), Dtype.F32, hidden);
        CudaExpertKernel.requireShape(weights.lmHead(), config.vocabSize(), hidden);
        head = new RouterMatrix(
                memory, dtype, hidden, List.of(weights.lmHead()), Collections.singletonList(weights.lmHeadBias()));
        attention = new CudaAttention(memory, config, dtype, kv, maxRows);
        buffers = new RouterBuffers(memory, config, dtype, maxRows);
        lanes = new RouterLanes(() -> memory.wholeOrNothing(
                () -> new RouterLane(memory, config, dtype, attention.cache(), maxRows, this::queueHead)));
        kernels.stream().await(kernels.stream().ticket());
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers buffersOfLane) {
        StepChecks.rows(batch, buffersOfLane, maxRows);
        for (int row = 0; row < batch.rowCount; row++) {
            StepChecks.token(batch.tokenIds[row], config.vocabSize());
        }
        kernels.context().enter();
        final RouterLane lane = lanes.begin(buffersOfLane);
        lane.beginEmbedding(batch);
        final KernelArgs args = kernels.args()
                .address(embedding.address())
                .address(lane.numbers.deviceAddress())
                .address(lane.residual.address())
                .number(hidden);
        final CudaKernel kernel = embeddingDtype == Dtype.BF16 ? CudaKernel.EMBED_BF16 : CudaKernel.EMBED_F32;
        kernels.stream().launch(kernel, batch.rowCount, 1, args);
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers buffersOfLane) {
        beginAttention(layer, batch, buffersOfLane);
        lanes.of(buffersOfLane).await();
    }

    @Override
    public KernelCall beginAttention(final int layer, final StepBatch batch, final LaneBuffers buffersOfLane) {
        StepChecks.rows(batch, buffersOfLane, maxRows);
        StepChecks.sequences(batch, attention.cache().layout(), config.headDim() / 2);
        kernels.context().enter();
        final RouterLayerWeights weights = layers.get(layer);
        final RouterLane lane = lanes.of(buffersOfLane);
        final int rows = batch.rowCount;
        lane.beginLayer(batch, buffersOfLane, layer > 0);
        final KernelArgs args = kernels.args()
                .address(lane.residual.address())
                .address(0)
                .address(lane.results.deviceAddress())
                .address(lane.weights.deviceAddress())
                .address(lane.residual.address());
        combineNorm(args, weights.inputNorm(), weights.inputBias(), rows, layer > 0);
        weights.qkv().multiply(buffers.normed.address(), rows, buffers.qkv.address(), false);
        attention.run(lane.tables, layer, rows, buffers.qkv.address(), buffers.attended.address());
        weights.output().multiply(buffers.attended.address(), rows, lane.residual.address(), true);
        normGate(weights, lane, rows);
        return lane.queued();
    }

    /**
     * Queues {@code combined = residual + experts} and its norm, for a matmul.
     *
     * @param args residual, its rows or 0 for all, results, weights, combined
     */
    private void combineNorm(
            final KernelArgs args,
            final DeviceBlock gain,
            final DeviceBlock bias,
            final int rows,
            final boolean combines) {
        args.address(gain.address())
                .address(bias.address())
                .address(buffers.normed.address())
                .number(rows)
                .number(hidden)
                .number(combines ? config.expertsPerToken() : 0)
                .real((float) config.normEpsilon());
        final boolean packs = dtype == Dtype.BF16;
        kernels.stream()
                .launch(
                        packs ? CudaKernel.COMBINE_NORM_BF16 : CudaKernel.COMBINE_NORM_F32,
                        packs ? Tiling.paddedRows(rows) : rows,
                        1,
                        args);
    }

    private void normGate(final RouterLayerWeights weights, final RouterLane lane, final int rows) {
        final KernelArgs args = kernels.args()
                .address(lane.residual.address())
                .address(weights.postNorm().address())
                .address(weights.postBias().address())
                .address(weights.gate().address())
                .address(lane.dispatch.deviceAddress())
                .address(lane.gateLogits.deviceAddress())
                .number(hidden)
                .number(config.expertCount())
                .real((float) config.normEpsilon());
        kernels.stream()
                .launch(dtype == Dtype.BF16 ? CudaKernel.NORM_GATE_BF16 : CudaKernel.NORM_GATE_F32, rows, 1, args);
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers buffersOfLane) {
        if (beginLogits(batch, buffersOfLane) instanceof RouterLane lane) {
            lane.await();
        }
    }

    @Override
    public KernelCall beginLogits(final StepBatch batch, final LaneBuffers buffersOfLane) {
        StepChecks.rows(batch, buffersOfLane, maxRows);
        StepChecks.logitsRows(batch, buffersOfLane);
        kernels.context().enter();
        if (batch.logitsRowCount > maxRows) {
            throw new IllegalArgumentException(
                    "logits of " + batch.logitsRowCount + " rows; the kernel holds " + maxRows);
        }
        final RouterLane lane = lanes.of(buffersOfLane);
        return batch.logitsRowCount == 0 ? KernelCall.DONE : lane.beginLogits(batch, buffersOfLane);
    }

    /** The residual itself is left as it is: only the rows asked for need the last layer. */
    private void queueHead(final RouterLane lane, final int from, final int count) {
        final long choices = config.expertsPerToken();
        final KernelArgs args = kernels.args()
                .address(lane.residual.address())
                .address(lane.numbers.deviceAddress() + (long) from * Integer.BYTES)
                .address(lane.results.deviceAddress() + from * choices * hidden * Float.BYTES)
                .address(lane.weights.deviceAddress() + from * choices * Float.BYTES)
                .address(buffers.combined.address());
        combineNorm(args, norm, normBias, count, true);
        head.multiply(buffers.normed.address(), count, lane.logits.deviceAddress(), false);
    }

    @Override
    public KvLayout kvLayout() {
        return attention.cache().layout();
    }

    @Override
    public long weightBytes() {
        long bytes = embedding.bytes() + norm.bytes() + normBias.bytes() + head.bytes();
        for (final RouterLayerWeights layer : layers) {
            bytes += layer.bytes();
        }
        return bytes;
    }

    @Override
    public long kvBytes() {
        return attention.cache().memory().bytes();
    }

    @Override
    public void close() {
        memory.close();
    }
}
