package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.MemorySegment;

/**
 * The reference, but the next {@link #failures} calls throw, the next {@link #faults} loads read beyond their file's
 * end, and the next {@link #closeFailures} kernels can't be closed.
 */
final class FailingKernels implements Kernels {
    int failures;
    int faults;
    int closeFailures;
    /** Kernels that were made and not closed. */
    int open;

    private final Kernels reference = new ReferenceKernels();

    @Override
    public String description() {
        return "failing";
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        if (faults > 0) {
            faults--;
            throw new InternalError("a fault occurred in an unsafe memory access operation");
        }
        final ExpertKernel kernel = reference.loadExpert(config, precision, weights, maxRows);
        open++;
        return new ExpertKernel() {
            @Override
            public Dtype inputDtype() {
                return kernel.inputDtype();
            }

            @Override
            public long weightBytes() {
                return kernel.weightBytes();
            }

            @Override
            public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
                if (failures > 0) {
                    failures--;
                    throw new IllegalStateException("as asked for");
                }
                kernel.forward(rows, rowCount, results);
            }

            @Override
            public void close() {
                if (closeFailures > 0) {
                    closeFailures--;
                    throw new IllegalStateException("as asked for");
                }
                open--;
                kernel.close();
            }
        };
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        return reference.loadRouter(config, precision, weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return reference.kvBlockBytes(config, precision, tokensPerBlock);
    }

    @Override
    public void close() {
        reference.close();
    }
}
