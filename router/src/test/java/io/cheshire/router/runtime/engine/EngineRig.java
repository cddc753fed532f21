package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** An engine on the golden model, its device and its expert nodes, all run by the test's own thread and clock. */
final class EngineRig implements AutoCloseable {
    static final long NEVER = Long.MAX_VALUE / 2;
    private static final int MAX_CYCLES = 2_000_000;
    private static final long CYCLE_NS = 10_000;

    final ModelConfig model;
    final FakeExperts experts;
    final EngineAgent engine;
    final DeviceExecutor device = new DeviceExecutor("test-device", 16, 2, 0, 0, () -> 0);
    long nowNs = 1;
    private final List<Recorder> recorders = new ArrayList<>();

    /** Settings that differ from the defaults, by key under {@code cheshire.router.engine}. */
    static EngineConfig config(final Map<String, ?> settings) {
        final Map<String, ?> small = Map.of(
                "max-rows-per-step", 16,
                "max-sequences-per-lane", 8,
                "max-prompt-score-rows", 5,
                "kv.block-tokens", 4,
                "reconnect-interval", "200 us");
        return SettingReader.read(
                ConfigFactory.empty()
                        .withFallback(ConfigFactory.parseMap(Map.of("cheshire.router.engine", nested(settings))))
                        .withFallback(ConfigFactory.parseMap(Map.of("cheshire.router.engine", nested(small))))
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve(),
                EngineConfig::from);
    }

    private static Map<String, Object> nested(final Map<String, ?> settings) {
        return com.typesafe.config.ConfigFactory.parseMap(settings).root().unwrapped();
    }

    EngineRig(final EngineConfig config, final int kvBlocks, final FakeExperts experts) {
        this(config, kvBlocks, experts, null);
    }

    EngineRig(
            final EngineConfig config, final int kvBlocks, final FakeExperts experts, final RouterKernel otherKernel) {
        this(GoldenModel.config(), config, kvBlocks, experts, otherKernel);
    }

    EngineRig(
            final ModelConfig model,
            final EngineConfig config,
            final int kvBlocks,
            final FakeExperts experts,
            final RouterKernel otherKernel) {
        this.model = model;
        this.experts = experts;
        engine = new EngineAgent(
                config,
                model,
                Precision.FP32,
                "golden",
                otherKernel != null ? otherKernel : router(kvBlocks, config),
                new RopeTables(model, config.contextTokens(model)),
                device,
                experts,
                null,
                () -> nowNs);
    }

    static RouterKernel router(final int kvBlocks, final EngineConfig config) {
        return new ReferenceKernels()
                .loadRouter(
                        GoldenModel.config(),
                        Precision.FP32,
                        GoldenModel.routerWeights(),
                        new KvLayout(kvBlocks, config.kv().blockTokens()),
                        config.maxRowsPerStep());
    }

    /** Places expert e on node e mod n and waits until all are connected. */
    EngineRig place(final int nodeCount) {
        final CompletableFuture<Long> placed = place(1, nodeCount);
        run("every unit has a node", () -> engine.status().ready() && placed.isDone());
        return this;
    }

    CompletableFuture<Long> place(final long epoch, final int nodeCount) {
        final List<List<Integer>> nodes = IntStream.range(0, model.unitCount())
                .mapToObj(unit -> List.of(unit % model.expertCount() % nodeCount))
                .toList();
        final List<NodeEndpoint> endpoints = IntStream.range(0, nodeCount)
                .mapToObj(node -> new NodeEndpoint(node, 7, "aeron:ipc", node))
                .toList();
        return engine.apply(new Placement(epoch, model.expertCount(), nodes), endpoints)
                .toCompletableFuture();
    }

    Recorder submit(final GenerationRequest request) {
        final Recorder recorder = new Recorder();
        submit(request, recorder);
        return recorder;
    }

    void submit(final GenerationRequest request, final Recorder recorder) {
        final Admission admission = engine.submit(request, recorder);
        assertThat(admission).isInstanceOf(Admission.Accepted.class);
        recorder.handle = ((Admission.Accepted) admission).handle();
        recorders.add(recorder);
    }

    void cycle() {
        engine.doWork();
        device.doWork();
        nowNs += CYCLE_NS;
    }

    void run(final String what, final BooleanSupplier until) {
        for (int i = 0; i < MAX_CYCLES; i++) {
            if (until.getAsBoolean()) {
                return;
            }
            cycle();
        }
        throw new AssertionError("never came true: " + what);
    }

    /** Until every request has had its terminal call. */
    void runAll() {
        run("every request has ended", () -> recorders.stream().allMatch(Recorder::done));
    }

    /** Nothing is held once nothing runs. */
    void assertNothingLeaks() {
        run("all blocks are free", () -> engine.status().running() == 0 && engine.openShards() == 0);
        assertThat(engine.status().kvBlocksFree()).isEqualTo(engine.status().kvBlocksTotal());
        assertThat(engine.status().waiting()).isZero();
    }

    static GenerationRequest greedy(final List<Integer> prompt, final int maxTokens) {
        return request(prompt, maxTokens, SamplingParams.greedy(), -1, -1);
    }

    static GenerationRequest request(
            final List<Integer> prompt,
            final int maxTokens,
            final SamplingParams sampling,
            final int logprobs,
            final int promptLogprobs) {
        return new GenerationRequest(
                prompt, maxTokens, 0, Set.of(), sampling, logprobs, promptLogprobs, "scope", NEVER, TokenRules.NONE);
    }

    /** The golden prompt of docs/model.md §9. */
    static List<Integer> prompt(final int length) {
        return IntStream.range(0, length)
                .mapToObj(i -> (7 * i * i + 3 * i + 1) % 64)
                .toList();
    }

    @Override
    public void close() {
        engine.onClose();
        assertThat(experts.closed).isTrue();
    }
}
