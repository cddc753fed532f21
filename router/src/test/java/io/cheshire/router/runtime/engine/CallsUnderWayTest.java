package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static io.cheshire.router.runtime.engine.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.testing.ExpectedErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A router whose device computes beside its thread, as a GPU does: calls of both lanes are under way at once. */
class CallsUnderWayTest {
    private static final int TURNS = 5;
    private static final int BLOCKS = 256;

    /** Computes a call when it is asked for the last time, and not before. */
    private static final class LateRouter implements RouterKernel {
        private final RouterKernel kernel;
        private int underWay;
        private int mostUnderWay;
        private boolean fails;

        LateRouter(final RouterKernel kernel) {
            this.kernel = kernel;
        }

        private KernelCall late(final Runnable work) {
            underWay++;
            mostUnderWay = Math.max(mostUnderWay, underWay);
            return new KernelCall() {
                private int turns;

                @Override
                public boolean isDone() {
                    turns++;
                    if (turns < TURNS) {
                        return false;
                    }
                    underWay--;
                    if (fails) {
                        fails = false;
                        throw new IllegalStateException("the device broke");
                    }
                    work.run();
                    return true;
                }
            };
        }

        @Override
        public KernelCall beginAttention(final int layer, final StepBatch batch, final LaneBuffers lane) {
            return late(() -> kernel.attention(layer, batch, lane));
        }

        @Override
        public KernelCall beginLogits(final StepBatch batch, final LaneBuffers lane) {
            return late(() -> kernel.logits(batch, lane));
        }

        @Override
        public void embed(final StepBatch batch, final LaneBuffers lane) {
            kernel.embed(batch, lane);
        }

        @Override
        public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
            throw new IllegalStateException("nobody is to wait for the device");
        }

        @Override
        public void logits(final StepBatch batch, final LaneBuffers lane) {
            throw new IllegalStateException("nobody is to wait for the device");
        }

        @Override
        public KvLayout kvLayout() {
            return kernel.kvLayout();
        }

        @Override
        public long weightBytes() {
            return kernel.weightBytes();
        }

        @Override
        public long kvBytes() {
            return kernel.kvBytes();
        }

        @Override
        public void close() {
            kernel.close();
        }
    }

    @Test
    void shouldGiveTheSameTokensWhileCallsOfBothLanesAreUnderWay() {
        final EngineConfig config = config(Map.of("lanes", 2));
        final LateRouter router = new LateRouter(EngineRig.router(BLOCKS, config));
        try (EngineRig rig = new EngineRig(config, 0, new FakeExperts(Precision.FP32, 64, 1), router).place(4)) {
            final List<Recorder> recorders = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                recorders.add(rig.submit(greedy(prompt(7 + i), 6)));
            }
            rig.runAll();
            for (int i = 0; i < recorders.size(); i++) {
                assertThat(recorders.get(i).tokens).isEqualTo(Oracle.greedy(prompt(7 + i), 6));
            }
            rig.assertNothingLeaks();
        }
        assertThat(router.mostUnderWay).isEqualTo(2);
        assertThat(router.underWay).isZero();
    }

    @Test
    @ExpectedErrors("a step of lane 0 failed")
    void shouldFailTheRequestsOfACallThatFailsUnderWayAndGoOn() {
        final EngineConfig config = config(Map.of("lanes", 1));
        final LateRouter router = new LateRouter(EngineRig.router(BLOCKS, config));
        try (EngineRig rig = new EngineRig(config, 0, new FakeExperts(Precision.FP32, 64, 1), router).place(4)) {
            router.fails = true;
            final Recorder failed = rig.submit(greedy(prompt(9), 4));
            rig.runAll();
            final Recorder fine = rig.submit(greedy(prompt(9), 4));
            rig.runAll();
            assertThat(failed.failed).isEqualTo(GenerationError.INTERNAL);
            assertThat(fine.tokens).isEqualTo(Oracle.greedy(prompt(9), 4));
            rig.assertNothingLeaks();
        }
    }
}
