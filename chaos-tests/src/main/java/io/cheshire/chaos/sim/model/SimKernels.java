package io.cheshire.chaos.sim.model;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The experts of the model on one node. */
public final class SimKernels implements Kernels {
    private static final TensorView SOMETHING_ELSE =
            new TensorView("something else", Dtype.F32, List.of(1L), MemorySegment.ofArray(new byte[4]));
    private static final TensorView NOTHING =
            new TensorView("nothing", Dtype.F32, List.of(0L), MemorySegment.ofArray(new byte[0]));

    private final SimModel model;
    private final Runnable beforeCall;
    private int expertShift;

    /** @param beforeCall runs before each kernel call; what it throws is thrown by the call */
    public SimKernels(final SimModel model, final Runnable beforeCall) {
        this.model = model;
        this.beforeCall = beforeCall;
    }

    /** Plants a bug: every unit computes with the weights of its neighbour. */
    public void computeTheNeighbour() {
        expertShift = 1;
    }

    /** Weights of a unit; its number is all that there is to them. */
    public static UnitWeights weights(final ExpertKey key) {
        return new UnitWeights(key, NOTHING, NOTHING, NOTHING);
    }

    /** Other weights of a unit, which compute something else. */
    public static UnitWeights otherWeights(final ExpertKey key) {
        return new UnitWeights(key, SOMETHING_ELSE, NOTHING, NOTHING);
    }

    /** Bytes that a unit takes. */
    public long unitBytes() {
        return 3L
                * model.hidden()
                * model.config().ffnSize()
                * model.precision().rowDtype().bytes();
    }

    @Override
    public String description() {
        return "simulated";
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        final int shift = weights.w1().equals(NOTHING) ? expertShift : 1;
        final int expert = (weights.key().expert() + shift) % config.expertCount();
        return new Expert(weights.key().layer(), expert);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        throw new UnsupportedOperationException("a node has no router");
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return tokensPerBlock;
    }

    @Override
    public void close() {}

    private final class Expert implements ExpertKernel {
        private final int layer;
        private final int expert;
        private final float[] row = new float[model.hidden()];
        private final float[] result = new float[model.hidden()];
        private boolean closed;

        private Expert(final int layer, final int expert) {
            this.layer = layer;
            this.expert = expert;
        }

        @Override
        public Dtype inputDtype() {
            return model.precision().rowDtype();
        }

        @Override
        public long weightBytes() {
            return unitBytes();
        }

        @Override
        public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            if (closed) {
                throw new IllegalStateException("a closed kernel was called");
            }
            beforeCall.run();
            for (int i = 0; model.computes() && i < rowCount; i++) {
                SimRows.read(rows, inputDtype(), i, row);
                model.expert(layer, expert, row, result);
                SimRows.write(results, Dtype.F32, i, result);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
