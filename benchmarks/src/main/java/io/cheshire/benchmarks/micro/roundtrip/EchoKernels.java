package io.cheshire.benchmarks.micro.roundtrip;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.MemorySegment;

/**
 * Experts that take no time, so that only the way there and back is measured. Their results are what the buffer held.
 */
final class EchoKernels implements Kernels {
    @Override
    public String description() {
        return "none";
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        return new ExpertKernel() {
            @Override
            public Dtype inputDtype() {
                return precision.rowDtype();
            }

            @Override
            public long weightBytes() {
                return 0;
            }

            @Override
            public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {}

            @Override
            public void close() {}
        };
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        throw new UnsupportedOperationException("round trips need no router kernel");
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return 0;
    }

    @Override
    public void close() {}
}
