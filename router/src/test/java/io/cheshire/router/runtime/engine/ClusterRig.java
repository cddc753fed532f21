package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An engine on the golden model before real expert nodes over Aeron, all run by the test's own thread and the real
 * clock. A node that is {@link #paused} isn't run: what SIGSTOP does to a process.
 */
final class ClusterRig implements AutoCloseable {
    private static final long LIMIT_NS = 60_000_000_000L;

    final ModelConfig model;
    final EngineAgent engine;
    final List<ExpertNode> nodes = new ArrayList<>();
    final List<LifelineServer> lifelines = new ArrayList<>();
    final BitSet paused = new BitSet();
    private final DeviceExecutor device = new DeviceExecutor("test-device", 1024);
    private final DataPlane dataPlane;
    private final List<NodeEndpoint> endpoints = new ArrayList<>();
    private final List<Recorder> recorders = new ArrayList<>();

    ClusterRig(final int nodeCount, final FrameHook hook, final String overrides) {
        this(GoldenModel.config(), GoldenModel.routerWeights(), nodeCount, hook, overrides);
    }

    ClusterRig(
            final ModelConfig model,
            final RouterWeights weights,
            final int nodeCount,
            final FrameHook hook,
            final String overrides) {
        this.model = model;
        final Config config = ConfigFactory.parseString(overrides)
                .withFallback(ConfigFactory.parseString("cheshire.transport.driver.mode = invoker"))
                .withFallback(ConfigFactory.parseString("cheshire.router.engine { max-rows-per-step = 16,"
                        + " max-sequences-per-lane = 8, kv.block-tokens = 4 }"))
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
        final TransportConfig transport = SettingReader.read(config, TransportConfig::from);
        final ModelIdentity identity = ModelIdentity.of(model, Precision.FP32, new Fingerprint(1, 2, 3, 4));
        dataPlane = DataPlane.launch(transport);
        for (int nodeId = 0; nodeId < nodeCount; nodeId++) {
            lifelines.add(LifelineServer.open(StartingIdentity.node(nodeId, Channels.IPC), 0, 2));
            final NodeEndpoint endpoint = lifelines.getLast().endpoint();
            endpoints.add(endpoint);
            nodes.add(new ExpertNode(
                    endpoint,
                    Links.ofNode(dataPlane.aeron(), endpoint, identity, transport, lifelines.getLast()),
                    model,
                    Precision.FP32,
                    new ReferenceKernels(),
                    device,
                    GoldenModel::unitWeights,
                    Runnable::run,
                    SettingReader.read(config, ExpertNodeConfig::from),
                    transport));
        }
        final EngineConfig engineConfig = SettingReader.read(config, EngineConfig::from);
        engine = new EngineAgent(
                engineConfig,
                model,
                Precision.FP32,
                "golden",
                new ReferenceKernels()
                        .loadRouter(
                                model,
                                Precision.FP32,
                                weights,
                                new KvLayout(1024, engineConfig.kv().blockTokens()),
                                engineConfig.maxRowsPerStep()),
                new RopeTables(model, engineConfig.contextTokens(model)),
                device,
                Links.ofRouter(dataPlane.aeron(), StartingIdentity.router(0, Channels.IPC), identity, transport, hook),
                null,
                System::nanoTime);
    }

    /** Loads and places expert e on so many nodes, from node e mod n on, and waits until all are connected. */
    ClusterRig place(final int replicas) {
        final List<List<Integer>> nodesByUnit = IntStream.range(0, model.unitCount())
                .mapToObj(unit -> IntStream.range(0, replicas)
                        .mapToObj(i -> (unit + i) % nodes.size())
                        .toList())
                .toList();
        for (int unit = 0; unit < model.unitCount(); unit++) {
            for (final int nodeId : nodesByUnit.get(unit)) {
                get(nodes.get(nodeId).load(ExpertKey.ofUnitIndex(unit, model.expertCount()), ""));
            }
        }
        final CompletableFuture<Long> placed = engine.apply(
                        new Placement(1, model.expertCount(), nodesByUnit), endpoints)
                .toCompletableFuture();
        await("every unit has a node", () -> engine.status().ready() && placed.isDone());
        return this;
    }

    private void get(final CompletionStage<?> stage) {
        await("a unit is loaded", () -> stage.toCompletableFuture().isDone());
        stage.toCompletableFuture().join();
    }

    Recorder submit(final GenerationRequest request) {
        final Recorder recorder = new Recorder();
        final Admission admission = engine.submit(request, recorder);
        assertThat(admission).isInstanceOf(Admission.Accepted.class);
        recorder.handle = ((Admission.Accepted) admission).handle();
        recorders.add(recorder);
        return recorder;
    }

    void turn() {
        dataPlane.doWork();
        engine.doWork();
        for (int nodeId = 0; nodeId < nodes.size(); nodeId++) {
            if (!paused.get(nodeId)) {
                nodes.get(nodeId).doWork();
            }
        }
        device.doWork();
    }

    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("waited in vain for: " + what + "; " + engine.exchangeCounters());
            }
            turn();
        }
    }

    void runAll() {
        await("every request has ended", () -> recorders.stream().allMatch(Recorder::done));
    }

    /** Rows that the nodes answered, by their own books, per layer. */
    List<Long> rowsServed() {
        final long[] served = new long[engine.rowsByLayer().size()];
        nodes.stream()
                .flatMap(node -> node.loads().stream())
                .forEach(load -> served[load.layer()] += load.rowsServed());
        return LongStream.of(served).boxed().toList();
    }

    @Override
    public void close() {
        engine.onClose();
        nodes.forEach(ExpertNode::onClose);
        while (device.doWork() > 0) {
            // the last jobs free what the nodes own
        }
        dataPlane.close();
    }
}
