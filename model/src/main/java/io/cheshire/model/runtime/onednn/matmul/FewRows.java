package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBf16Kernel;
import io.cheshire.model.runtime.onednn.ffi.NativeBf16Matmul;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Few rows in bf16 by our native kernel, which reads oneDNN's packed weights and gives oneDNN's bits: one row costs
 * what reading the weights costs, and oneDNN's code reads them at three quarters of the rate. Taken for a shape only
 * after {@link FewRowsProof}; everywhere else oneDNN computes.
 *
 * <p>Device thread only.
 */
final class FewRows implements AutoCloseable {
    /** What {@link #prove} gives where oneDNN computes. */
    static final int NOT_BY_THESE = 0;

    /**
     * Fewer weights stay in caches: reading them isn't the limit, and one row of a small model's was slower through the
     * team. Two MiB.
     */
    static final int LEAST_WEIGHTS = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FewRows.class);
    /** The layout pads inputs to so many. */
    private static final int INPUT_BLOCK = 32;

    private final OpenMpTeam team;
    private final Supplier<NativeKernels> kernels;
    private final int leastWeights;
    private final NativeBf16Matmul matmul = new NativeBf16Matmul();
    private final OpenMpTeam.RangeTask panels = this::panels;
    private boolean refused;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable NativeBf16Kernel kernel;
    private long weights;

    /**
     * @param kernels      asked for when they are needed first
     * @param leastWeights of a shape; smaller ones are oneDNN's
     */
    FewRows(final OpenMpTeam team, final Supplier<NativeKernels> kernels, final int leastWeights) {
        this.team = team;
        this.kernels = kernels;
        this.leastWeights = leastWeights;
    }

    /**
     * Finds out how many inputs oneDNN sums before it adds them to the others.
     *
     * @param layout of the shape's weights
     * @param packed whose contents are overwritten
     * @param oneDnn multiplies {@code packed}
     * @param tile   rows that {@code oneDnn} is given at least
     * @return that number of inputs, or {@link #NOT_BY_THESE} where oneDNN's bits aren't to be had
     */
    int prove(
            final MatmulShape shape,
            final long layout,
            final OneDnnWeights packed,
            final TileMatmul oneDnn,
            final int tile) {
        if (shape.input() != Dtype.BF16
                || (long) shape.k() * shape.n() < leastWeights
                || !Dnnl.hasLayout(layout, shape.k(), shape.n(), Dnnl.BF16, Dnnl.LAYOUT_PANELS_OF_PAIRS)
                || kernels.get().bf16() == null) {
            return NOT_BY_THESE;
        }
        final long start = System.nanoTime();
        try (FewRowsProof proof = new FewRowsProof(this, shape, packed, oneDnn, tile)) {
            final int part = proof.part();
            if (part != NOT_BY_THESE) {
                LOG.info(
                        "{} matmul: up to {} rows by our native kernel, with oneDNN's bits (parts of {} inputs);"
                                + " checked in {} ms",
                        shape,
                        NativeBf16Kernel.MOST_ROWS,
                        part,
                        (System.nanoTime() - start) / 1_000_000);
            } else if (!refused) {
                refused = true;
                LOG.info(
                        "{} matmul: our native kernel has other bits than oneDNN here, which goes on computing, few"
                                + " rows more slowly; said once",
                        shape);
            }
            return part;
        }
    }

    OpenMpTeam team() {
        return team;
    }

    /**
     * {@code dst[rows, n] = src[rows, k] * W + bias}.
     *
     * @param part what {@link #prove} gave for the shape
     * @param rows at most {@link NativeBf16Kernel#MOST_ROWS}
     */
    void run(
            final MatmulShape shape,
            final int part,
            final OneDnnWeights packed,
            final long src,
            final int rows,
            final long dst) {
        matmul.rows(rows, src, packed.biasAddress(), dst);
        matmul.shape(shape.n(), shape.k(), part);
        kernel = kernels.get().bf16();
        weights = packed.address();
        final int panelWeights = Math.ceilDiv(shape.k(), INPUT_BLOCK) * INPUT_BLOCK * NativeBf16Kernel.PANEL;
        team.run(Math.ceilDiv(shape.n(), NativeBf16Kernel.PANEL), PanelParts.of(panelWeights), panels);
    }

    private void panels(final int worker, final int begin, final int end) {
        final NativeBf16Kernel running = kernel;
        if (running == null) {
            throw new IllegalStateException("no matmul is running");
        }
        running.panels(matmul.address(), weights, begin, end);
    }

    @Override
    public void close() {
        matmul.close();
    }
}
