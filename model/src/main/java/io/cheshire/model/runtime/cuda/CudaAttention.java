package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;

/** RoPE, the cache and attention over it, from projected rows to rows of the output projection (docs/gpu.md). */
final class CudaAttention {
    /** Beside a split's weighted values: its largest score and the sum of its weights. */
    private static final int SPLIT_EXTRA = 2;

    private final CudaKernels kernels;
    private final ModelConfig config;
    private final Dtype dtype;
    private final HeadSize size;
    private final RouterCache cache;
    private final DeviceBlock queries;
    private final DeviceBlock splits;
    private final float scale;

    CudaAttention(
            final RouterMemory memory,
            final ModelConfig config,
            final Dtype dtype,
            final KvLayout kv,
            final int maxRows) {
        this.kernels = memory.kernels();
        this.config = config;
        this.dtype = dtype;
        size = HeadSize.of(config);
        cache = RouterCache.allocate(memory, config, dtype, kv);
        final long rowBytes = (long) config.headCount() * size.stride * Float.BYTES;
        queries = memory.device(maxRows * rowBytes, "queries");
        final long splitBytes = (long) config.headCount() * (size.stride + SPLIT_EXTRA) * Float.BYTES;
        splits = memory.device(StepTables.splitsAtOnce(config, cache) * splitBytes, "splits of attention");
        scale = (float) (1 / Math.sqrt(config.headDim()));
    }

    RouterCache cache() {
        return cache;
    }

    /**
     * Queues one layer.
     *
     * @param tables filled for the step
     * @param qkv  address of {@code [rows, q | k | v]} fp32
     * @param to   address for rows that the output projection multiplies
     */
    void run(final StepTables tables, final int layer, final int rows, final long qkv, final long to) {
        append(tables, layer, rows, qkv);
        final AttentionParts parts = tables.parts();
        for (int part = 0; part < parts.count(); part++) {
            attend(tables, layer, part);
            join(tables, part, rows, to);
        }
    }

    private void append(final StepTables tables, final int layer, final int rows, final long qkv) {
        final CudaKernel kernel = dtype == Dtype.BF16 ? CudaKernel.ROPE_APPEND_BF16 : CudaKernel.ROPE_APPEND_F32;
        kernels.stream()
                .launch(
                        kernel,
                        rows,
                        1,
                        kernels.args()
                                .address(qkv)
                                .address(tables.ropeAddress())
                                .address(tables.placesAddress())
                                .address(queries.address())
                                .address(cache.layerAddress(layer))
                                .number(config.headCount())
                                .number(config.kvHeadCount())
                                .number(config.headDim())
                                .number(size.stride)
                                .number(cache.layout().tokensPerBlock()));
    }

    private void attend(final StepTables tables, final int layer, final int part) {
        final AttentionParts parts = tables.parts();
        final int blocks = Math.ceilDiv(config.headCount() / config.kvHeadCount(), HeadSize.BLOCK_HEADS);
        kernels.stream()
                .launch(
                        size.attend(dtype, parts.groupRowsOf(part)),
                        parts.groupsOf(part) * config.kvHeadCount() * blocks,
                        parts.splitsOf(part),
                        kernels.args()
                                .address(queries.address())
                                .address(cache.layerAddress(layer))
                                .address(tables.groupsAddress(parts.firstGroup(part)))
                                .address(tables.tablesAddress())
                                .address(tables.partsAddress())
                                .address(splits.address())
                                .number(config.headCount())
                                .number(config.kvHeadCount())
                                .number(cache.layout().tokensPerBlock())
                                .number(tables.window())
                                .real(scale));
    }

    /** The last one writes the rows, too, that fill a tile up. */
    private void join(final StepTables tables, final int part, final int rows, final long to) {
        final AttentionParts parts = tables.parts();
        final boolean last = part == parts.count() - 1;
        final int padding = last && dtype == Dtype.BF16 ? Tiling.paddedRows(rows) - rows : 0;
        kernels.stream()
                .launch(
                        size.join(dtype),
                        config.headCount(),
                        parts.rowsOf(part) + padding,
                        kernels.args()
                                .address(splits.address())
                                .address(tables.partsAddress())
                                .address(to)
                                .number(parts.firstRow(part))
                                .number(rows)
                                .number(config.headCount())
                                .number(config.headDim()));
    }
}
