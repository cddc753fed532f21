package io.cheshire.model.core.checkpoint;

import io.cheshire.model.core.checkpoint.PrecisionNeeds.Node;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an expert node needs of a GPU's memory in one precision, from a model's sizes alone: what the kernels there
 * allocate (docs/gpu.md). The driver's own context, some hundred MiB, isn't counted.
 *
 * @param precision as options spell it
 * @param unitBytes of one unit, in bf16 padded as its kernels want it
 * @param rowsBytes for rows on their way through experts, {@link #CALLS} times a device
 * @param loadBytes for a unit's matrices as they come, while one is loaded
 * @param hostBytes of the host's memory, pinned: rows, results, and pieces of units on their way
 * @param nodes     for clusters of some sizes: all of the above on the fullest node's device
 */
public record GpuNeeds(
        String precision, long unitBytes, long rowsBytes, long loadBytes, long hostBytes, List<Node> nodes) {
    /** Rows of one block: longer batches are cut. */
    public static final int BLOCK_ROWS = 512;

    /** Calls that may be under way at once, each with rows of its own: {@code cheshire.device.jobs-in-flight}. */
    public static final int CALLS = 4;

    /** Outputs and inputs of a matrix are padded to so many. */
    private static final int TILE = 16;

    private static final long STAGING_BYTES = 2L * (4 << 20);

    public GpuNeeds {
        nodes = List.copyOf(nodes);
    }

    /** Precisions that kernels of GPUs compute in. */
    public static boolean isSupported(final Precision precision) {
        return precision == Precision.BF16 || precision == Precision.FP32;
    }

    /** In each precision that GPUs have kernels for. */
    public static List<GpuNeeds> of(final ModelConfig config) {
        return Stream.of(Precision.BF16, Precision.FP32)
                .map(precision ->
                        of(config.hiddenSize(), config.ffnSize(), config.layerCount(), config.expertCount(), precision))
                .toList();
    }

    /**
     * Of experts of these sizes.
     *
     * @throws IllegalArgumentException where GPUs have no kernels for the precision
     */
    public static GpuNeeds of(
            final int hidden, final int ffn, final int layers, final int experts, final Precision precision) {
        if (!isSupported(precision)) {
            throw new IllegalArgumentException(
                    "GPUs have no kernels for " + precision.word() + ": take bf16 or fp32, or another device");
        }
        final boolean packs = precision == Precision.BF16;
        final long element = precision.rowDtype().bytes();
        final long matrix = packs ? padded(hidden) * padded(ffn) : (long) hidden * ffn;
        final long unit = Math.multiplyExact(3 * matrix, element);
        final long rows = (long) CALLS * BLOCK_ROWS * (padded(hidden) + padded(ffn)) * element;
        final long load = packs ? 2L * hidden * ffn * element : 0;
        return new GpuNeeds(
                precision.word(),
                unit,
                rows,
                load,
                (long) CALLS * BLOCK_ROWS * hidden * (element + Float.BYTES) + STAGING_BYTES,
                PrecisionNeeds.CLUSTERS.stream()
                        .map(count -> new Node(
                                count,
                                Math.addExact(
                                        Math.multiplyExact((long) Math.ceilDiv(experts, count) * layers, unit),
                                        rows + load)))
                        .toList());
    }

    private static long padded(final int elements) {
        return Math.ceilDiv((long) elements, TILE) * TILE;
    }
}
