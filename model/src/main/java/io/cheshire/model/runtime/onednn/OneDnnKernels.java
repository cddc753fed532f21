package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.QuantisedKernels;
import io.cheshire.model.runtime.onednn.matmul.RowTiles;

/**
 * Kernels of the CPU: oneDNN's matmuls on weights packed once, the Vector API between them and, on processors without
 * bf16 units, for bf16 matmuls too; all on one team of OpenMP threads. Made and used by the device thread only, the
 * constructor included: OpenMP keeps a team per calling thread.
 */
public final class OneDnnKernels implements Kernels {
    /**
     * Of the bits that panels, and what lies between matmuls, give. To be raised with any change that gives others,
     * so that releases which would answer one prompt differently don't pass for the same. 1: row sums as wide as the
     * processor's vectors.
     */
    private static final int REVISION = 2;

    private final OpenMpTeam team;
    private final MatmulContext context;
    private final ExpertScratch expertScratch;

    /** @param threads threads of the team, the device thread included; usually the cores that the process may use */
    public OneDnnKernels(final int threads) {
        this(threads, Bf16Matmul.AUTO);
    }

    /** @param bf16 who computes bf16 matmuls */
    public OneDnnKernels(final int threads, final Bf16Matmul bf16) {
        this(threads, bf16, QuantisedKernels.AUTO);
    }

    /**
     * @param bf16      who computes bf16 matmuls
     * @param quantised who computes quantised matmuls
     */
    public OneDnnKernels(final int threads, final Bf16Matmul bf16, final QuantisedKernels quantised) {
        this(threads, RowTiles.FREE, bf16, quantised);
    }

    OneDnnKernels(final int threads, final RowTiles preferredTiles, final Bf16Matmul bf16) {
        this(threads, preferredTiles, bf16, QuantisedKernels.AUTO);
    }

    private OneDnnKernels(
            final int threads, final RowTiles preferredTiles, final Bf16Matmul bf16, final QuantisedKernels quantised) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be positive, not " + threads);
        }
        team = new OpenMpTeam(threads);
        context = new MatmulContext(team, preferredTiles, bf16, quantised);
        expertScratch = new ExpertScratch(team);
    }

    @Override
    public String description() {
        return Dnnl.description() + ", " + team.threads() + (team.threads() == 1 ? " thread" : " threads") + ", "
                + context.bf16Description() + ", integers: " + context.quantisedDescription();
    }

    /**
     * Our own kernels give the same bits on every processor, so their revision is all that is to be said of them; and
     * quantised matmuls have the same bits whoever computes them.
     * oneDNN's sums depend on its code, so its version and the instruction set that it uses are named where it
     * multiplies.
     */
    @Override
    public String numerics(final Precision precision) {
        final Quantisation experts = precision.experts();
        if (experts != null) {
            return "int" + experts.bits() + " in groups of " + experts.group() + ", rows " + REVISION;
        }
        return (context.usesPanels(precision.rowDtype()) ? "panels" : Dnnl.description()) + ", rows " + REVISION;
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        team.prepareCallingThread();
        return new OneDnnExpertKernel(context, expertScratch, config, precision, weights, maxRows);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        team.prepareCallingThread();
        return new OneDnnRouterKernel(context, config, precision, weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return KvCache.blockBytes(config, precision.rowDtype(), tokensPerBlock);
    }

    @Override
    public void close() {
        expertScratch.close();
        context.close();
        team.close();
    }
}
