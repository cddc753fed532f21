package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/**
 * Kernels of a router whose experts are computed by others, on a GPU for instance: it asks for nodes with those.
 *
 * @param kernels        the router's own
 * @param expertNumerics what decides the last bits of the experts' results
 */
record ExpertsElsewhere(Kernels kernels, String expertNumerics) implements Kernels {
    @Override
    public String description() {
        return kernels.description() + "; experts by " + expertNumerics;
    }

    @Override
    public String numerics(final Precision precision) {
        return expertNumerics + ", " + routerNumerics(precision);
    }

    @Override
    public String routerNumerics(final Precision precision) {
        return kernels.routerNumerics(precision);
    }

    @Override
    public String expertNumerics(final Precision precision) {
        return expertNumerics;
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        return kernels.loadExpert(config, precision, weights, maxRows);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        return kernels.loadRouter(config, precision, weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return kernels.kvBlockBytes(config, precision, tokensPerBlock);
    }

    @Override
    public void close() {
        kernels.close();
    }
}
