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
 * A router and experts with kernels of two kinds.
 *
 * @param router  what the router computes with; closed with these
 * @param experts what experts compute with; closed with these
 */
record RouterApart(Kernels router, Kernels experts) implements Kernels {
    @Override
    public String description() {
        return experts.description() + "; for routers: " + router.description();
    }

    @Override
    public String numerics(final Precision precision) {
        return expertNumerics(precision) + ", " + routerNumerics(precision);
    }

    @Override
    public String expertNumerics(final Precision precision) {
        return experts.expertNumerics(precision);
    }

    @Override
    public String routerNumerics(final Precision precision) {
        return router.routerNumerics(precision);
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        return experts.loadExpert(config, precision, weights, maxRows);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        return router.loadRouter(config, precision, weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return router.kvBlockBytes(config, precision, tokensPerBlock);
    }

    @Override
    public void close() {
        try {
            router.close();
        } finally {
            experts.close();
        }
    }
}
