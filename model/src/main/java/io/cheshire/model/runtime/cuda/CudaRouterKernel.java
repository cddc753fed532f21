package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.Gates;
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
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The router's half of the forward pass on a GPU (docs/model.md §3, docs/gpu.md). Weights, residual stream and KV cache
 * stay on the device; rows for experts, their results and logits pass through pinned memory. SparseMixer is Java's own
 * gate: the device gives it logits. Every call waits for the device.
 */
final class CudaRouterKernel implements RouterKernel {
    private final CudaKernels kernels;
    private final RouterMemory memory;
    private final ModelConfig config;
    private final Dtype dtype;
    private final int maxRows;
    private final int hidden;
    private final Gate gate;
    private final Dtype embeddingDtype;
    private final DeviceBlock embedding;
    private final List<RouterLayerWeights> layers = new ArrayList<>();
    private final DeviceBlock norm;
    private final DeviceBlock normBias;
    private final RouterMatrix head;
    private final CudaAttention attention;
    private final RouterBuffers buffers;
    private final float[] gateLogits;

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
        } catch (final RuntimeException failure) {
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
        gate = Gates.of(config);
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
        gateLogits = new float[Math.multiplyExact(maxRows, config.expertCount())];
        kernels.stream().await(kernels.stream().ticket());
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        StepChecks.rows(batch, lane, maxRows);
        for (int row = 0; row < batch.rowCount; row++) {
            StepChecks.token(batch.tokenIds[row], config.vocabSize());
        }
        kernels.testNowAndThen();
        kernels.context().enter();
        final long residual = buffers.begin(lane);
        MemorySegment.copy(batch.tokenIds, 0, buffers.numbers.segment(), JAVA_INT, 0, batch.rowCount);
        final KernelArgs args = kernels.args()
                .address(embedding.address())
                .address(buffers.numbers.deviceAddress())
                .address(residual)
                .number(hidden);
        final CudaKernel kernel = embeddingDtype == Dtype.BF16 ? CudaKernel.EMBED_BF16 : CudaKernel.EMBED_F32;
        kernels.stream().launch(kernel, batch.rowCount, 1, args);
        await();
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        StepChecks.rows(batch, lane, maxRows);
        StepChecks.sequences(batch, attention.cache().layout(), config.headDim() / 2);
        kernels.context().enter();
        final RouterLayerWeights weights = layers.get(layer);
        final int rows = batch.rowCount;
        final long residual = buffers.residual(lane);
        if (layer > 0) {
            buffers.takeResults(lane, rows);
        }
        attention.prepare(batch);
        combineNorm(residual, false, residual, weights.inputNorm(), weights.inputBias(), rows, layer > 0);
        weights.qkv().multiply(buffers.normed.address(), rows, buffers.qkv.address(), false);
        attention.run(layer, rows, buffers.qkv.address(), buffers.attended.address());
        weights.output().multiply(buffers.attended.address(), rows, residual, true);
        normGate(weights, residual, rows);
        await();
        route(lane, rows);
    }

    /** Queues {@code combined = residual + experts} and its norm, for a matmul. */
    private void combineNorm(
            final long residual,
            final boolean gathers,
            final long combined,
            final DeviceBlock gain,
            final DeviceBlock bias,
            final int rows,
            final boolean combines) {
        final boolean packs = dtype == Dtype.BF16;
        final KernelArgs args = kernels.args()
                .address(residual)
                .address(gathers ? buffers.numbers.deviceAddress() : 0)
                .address(buffers.results.deviceAddress())
                .address(buffers.weights.deviceAddress())
                .address(combined)
                .address(gain.address())
                .address(bias.address())
                .address(buffers.normed.address())
                .number(rows)
                .number(hidden)
                .number(combines ? config.expertsPerToken() : 0)
                .real((float) config.normEpsilon());
        kernels.stream()
                .launch(
                        packs ? CudaKernel.COMBINE_NORM_BF16 : CudaKernel.COMBINE_NORM_F32,
                        packs ? Tiling.paddedRows(rows) : rows,
                        1,
                        args);
    }

    private void normGate(final RouterLayerWeights weights, final long residual, final int rows) {
        final KernelArgs args = kernels.args()
                .address(residual)
                .address(weights.postNorm().address())
                .address(weights.postBias().address())
                .address(weights.gate().address())
                .address(buffers.dispatch.deviceAddress())
                .address(buffers.gateLogits.deviceAddress())
                .number(hidden)
                .number(config.expertCount())
                .real((float) config.normEpsilon());
        kernels.stream()
                .launch(dtype == Dtype.BF16 ? CudaKernel.NORM_GATE_BF16 : CudaKernel.NORM_GATE_F32, rows, 1, args);
    }

    private void route(final LaneBuffers lane, final int rows) {
        final long rowBytes = (long) hidden * dtype.bytes();
        MemorySegment.copy(buffers.dispatch.segment(), 0, lane.dispatchRows, 0, rows * rowBytes);
        final int experts = config.expertCount();
        MemorySegment.copy(buffers.gateLogits.segment(), JAVA_FLOAT, 0, gateLogits, 0, rows * experts);
        for (int row = 0; row < rows; row++) {
            gate.route(gateLogits, row * experts, lane.experts, lane.weights, row * config.expertsPerToken());
        }
    }

    /** The residual itself is left as it is: only the rows asked for need the last layer. */
    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        StepChecks.rows(batch, lane, maxRows);
        StepChecks.logitsRows(batch, lane);
        kernels.context().enter();
        final int rows = batch.logitsRowCount;
        if (rows > maxRows) {
            throw new IllegalArgumentException("logits of " + rows + " rows; the kernel holds " + maxRows);
        }
        final long residual = buffers.residual(lane);
        if (rows == 0) {
            return;
        }
        MemorySegment.copy(batch.logitsRows, 0, buffers.numbers.segment(), JAVA_INT, 0, rows);
        for (int i = 0; i < rows; i++) {
            buffers.takeResultsOf(lane, batch.logitsRows[i], i);
        }
        combineNorm(residual, true, buffers.combined.address(), norm, normBias, rows, true);
        final long rowBytes = dtype == Dtype.BF16 ? Tiling.padded(hidden) * Short.BYTES : (long) hidden * Float.BYTES;
        final long logitsBytes = (long) config.vocabSize() * Float.BYTES;
        for (int done = 0; done < rows; done += RouterBuffers.HEAD_ROWS) {
            final int count = Math.min(RouterBuffers.HEAD_ROWS, rows - done);
            head.multiply(buffers.normed.address() + done * rowBytes, count, buffers.logits.deviceAddress(), false);
            await();
            MemorySegment.copy(buffers.logits.segment(), 0, lane.logits, done * logitsBytes, count * logitsBytes);
        }
    }

    private void await() {
        kernels.stream().await(kernels.stream().ticket());
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
