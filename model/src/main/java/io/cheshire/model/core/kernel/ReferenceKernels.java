package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/**
 * Plain Java, one row at a time, weights and KV cache on the heap in fp32: the oracle for every other device, and slow.
 * Sums run in double and are rounded once, so the error against an exact computation is one fp32 rounding per value.
 */
public final class ReferenceKernels implements Kernels {
    @Override
    public String description() {
        return "reference";
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        return new ReferenceExpertKernel(config, precision, weights, maxRows);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        return new ReferenceRouterKernel(config, precision, weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return Float.BYTES * (long) ReferenceKvCache.blockFloats(config, tokensPerBlock);
    }

    @Override
    public void close() {}
}
