package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceLostException;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * The reference on a device beside the thread: a call ends some turns after its begin, and writes its results only
 * then; all of them fail once the device is lost.
 */
final class DeferredKernels implements Kernels {
    private static final int MOST_TURNS = 6;

    private final Kernels reference = new ReferenceKernels();
    private final SplittableRandom random;
    int underWay;
    int mostUnderWay;
    boolean lost;
    private boolean holdsAll;

    DeferredKernels(final SplittableRandom random) {
        this.random = random;
    }

    /** No call ends from now on, or they do again. */
    void hold(final boolean all) {
        holdsAll = all;
    }

    @Override
    public String description() {
        return "deferred";
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        return new Expert(reference.loadExpert(config, precision, weights, maxRows));
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

    private final class Expert implements ExpertKernel {
        private final ExpertKernel kernel;
        private int calls;
        private boolean closed;

        Expert(final ExpertKernel kernel) {
            this.kernel = kernel;
        }

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
            kernel.forward(rows, rowCount, results);
        }

        @Override
        public KernelCall begin(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            if (closed) {
                throw new IllegalStateException("the kernel is closed");
            }
            calls++;
            underWay++;
            mostUnderWay = Math.max(mostUnderWay, underWay);
            return new Call(this, rows, rowCount, results, random.nextInt(MOST_TURNS));
        }

        @Override
        public void close() {
            if (calls > 0) {
                throw new IllegalStateException("closed with calls under way");
            }
            closed = true;
            kernel.close();
        }
    }

    private final class Call implements KernelCall {
        private final Expert expert;
        private final MemorySegment rows;
        private final int rowCount;
        private final MemorySegment results;
        private int turns;

        Call(
                final Expert expert,
                final MemorySegment rows,
                final int rowCount,
                final MemorySegment results,
                final int turns) {
            this.expert = expert;
            this.rows = rows;
            this.rowCount = rowCount;
            this.results = results;
            this.turns = turns;
        }

        @Override
        public boolean isDone() {
            if (lost) {
                end();
                throw new DeviceLostException("told to be lost");
            }
            if (holdsAll || turns-- > 0) {
                return false;
            }
            expert.kernel.forward(rows, rowCount, results);
            end();
            return true;
        }

        private void end() {
            expert.calls--;
            underWay--;
        }
    }
}
