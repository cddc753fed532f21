package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Engine and device on threads of their own, submitters on theirs: the same output as on one thread. */
@Timeout(120)
class EngineThreadsTest {
    private static final int SUBMITTERS = 4;
    private static final int REQUESTS_EACH = 15;
    /** For what takes milliseconds unless every processor is taken. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private record Submitted(GenerationRequest request, Recorder recorder, CountDownLatch ended) {}

    @Test
    void shouldServeSubmittersOnManyThreads() throws InterruptedException {
        final ModelConfig model = GoldenModel.config();
        final EngineConfig config = config(Map.of());
        final DeviceExecutor device = new DeviceExecutor("test-device", 1); // so small that lanes must try again
        final EngineAgent engine = new EngineAgent(
                config,
                model,
                Precision.FP32,
                "golden",
                EngineRig.router(40, config),
                new RopeTables(model, config.contextTokens(model)),
                device,
                new FakeExperts(Precision.FP32, 64, 1),
                null,
                System::nanoTime);
        final AtomicReference<Throwable> error = new AtomicReference<>();
        final Queue<Submitted> submitted = new ConcurrentLinkedQueue<>();
        try (AgentRunner engineRunner = runner(engine, error);
                AgentRunner deviceRunner = runner(device, error)) {
            AgentRunner.startOnThread(engineRunner);
            AgentRunner.startOnThread(deviceRunner);
            final List<List<Integer>> units = IntStream.range(0, model.unitCount())
                    .mapToObj(u -> List.of(u % 4))
                    .toList();
            final List<NodeEndpoint> nodes = IntStream.range(0, 4)
                    .mapToObj(n -> new NodeEndpoint(n, 1, "aeron:ipc", n))
                    .toList();
            assertThat(engine.apply(new Placement(1, 8, units), nodes)
                            .toCompletableFuture()
                            .join())
                    .isEqualTo(1);
            await("ready").atMost(LIMIT).until(() -> engine.status().ready());

            final List<Thread> threads = IntStream.range(0, SUBMITTERS)
                    .mapToObj(i -> Thread.ofPlatform().start(() -> submitAll(engine, i, submitted)))
                    .toList();
            for (final Thread thread : threads) {
                thread.join();
            }
            for (final Submitted one : submitted) {
                one.ended.await();
            }
            assertThat(submitted).hasSize(SUBMITTERS * REQUESTS_EACH);
            await("all blocks are free")
                    .atMost(LIMIT)
                    .until(() -> engine.status().kvBlocksFree() == 40);
            assertThat(engine.status().waiting()).isZero();
            assertThat(engine.drain(LIMIT).toCompletableFuture()).succeedsWithin(LIMIT);
        }
        assertThat(error.get()).isNull();
        for (final Submitted one : submitted) {
            final List<Integer> expected =
                    Oracle.run(one.request, one.recorder.tokens).tokens();
            assertThat(one.recorder.tokens).isEqualTo(expected.subList(0, one.recorder.tokens.size()));
            assertThat(one.recorder.tokens.size() == expected.size() || one.recorder.cancelAfter < 100)
                    .isTrue();
        }
    }

    private static void submitAll(final EngineAgent engine, final int seed, final Queue<Submitted> submitted) {
        for (final GenerationRequest request : new Workload(seed).requests(REQUESTS_EACH)) {
            final CountDownLatch ended = new CountDownLatch(1);
            final Recorder recorder = new Recorder() {
                @Override
                public void onFinished(final FinishReason reason) {
                    super.onFinished(reason);
                    ended.countDown();
                }

                @Override
                public void onFailed(final GenerationError error, final String why) {
                    super.onFailed(error, why);
                    ended.countDown();
                }
            };
            final Admission admission = engine.submit(request, recorder);
            if (request.promptTokens().size() % 5 == 0) {
                recorder.cancelAfter = 1; // marks it for the check; cancelled from here, at no particular moment
                ((Admission.Accepted) admission).handle().cancel();
            }
            submitted.add(new Submitted(request, recorder, ended));
        }
    }

    private static AgentRunner runner(final org.agrona.concurrent.Agent agent, final AtomicReference<Throwable> error) {
        return new AgentRunner(new BackoffIdleStrategy(), t -> error.compareAndSet(null, t), null, agent);
    }
}
