package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.MappedPages;
import org.jspecify.annotations.Nullable;

/** Every unit of a model in one place, loaded when first asked for. The device's thread only; owns the kernels. */
public final class AllUnits implements UnitKernels, AutoCloseable {
    private final ModelConfig model;
    private final Precision precision;
    private final Kernels kernels;
    private final UnitSource source;
    private final int maxBatchRows;
    private final @Nullable ExpertKernel[] loaded;

    /** @param maxBatchRows the most rows of one kernel call */
    public AllUnits(
            final ModelConfig model,
            final Precision precision,
            final Kernels kernels,
            final UnitSource source,
            final int maxBatchRows) {
        this.model = model;
        this.precision = precision;
        this.kernels = kernels;
        this.source = source;
        this.maxBatchRows = maxBatchRows;
        this.loaded = new ExpertKernel[model.unitCount()];
    }

    @Override
    public ExpertKernel kernel(final int layer, final int expert) {
        final int unit = layer * model.expertCount() + expert;
        ExpertKernel kernel = loaded[unit];
        if (kernel == null) {
            final UnitWeights weights = source.unit(new ExpertKey(layer, expert));
            kernel = kernels.loadExpert(model, precision, weights, maxBatchRows);
            MappedPages.drop(weights);
            loaded[unit] = kernel;
        }
        return kernel;
    }

    @Override
    public void close() {
        for (int unit = 0; unit < loaded.length; unit++) {
            final ExpertKernel kernel = loaded[unit];
            if (kernel != null) {
                loaded[unit] = null;
                kernel.close();
            }
        }
    }
}
