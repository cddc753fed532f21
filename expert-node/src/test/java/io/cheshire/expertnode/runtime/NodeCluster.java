package io.cheshire.expertnode.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.core.link.NodeEnd;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes, routers, a device and a media driver, all run by the test's own thread: {@link #await} gives each a turn until
 * a condition holds.
 */
final class NodeCluster implements AutoCloseable {
    static final int LAYERS = 2;
    static final int EXPERTS = 4;
    private static final long AWAIT_NS = 60_000_000_000L;
    private static final Fingerprint FINGERPRINT = new Fingerprint(1, 2, 3, 4);

    final int hidden;
    final ModelConfig model;
    final Precision precision;
    final Config config;
    final DataPlane dataPlane;
    final DeviceExecutor device = new DeviceExecutor("test-device", 1024, 2, 0, 0, () -> 0);
    final Kernels kernels = new ReferenceKernels();
    final List<ExpertNode> nodes = new ArrayList<>();
    final List<NodeEnd> nodeLinks = new ArrayList<>();
    final List<TestRouter> routers = new ArrayList<>();
    /** Of nodes that are added from now on. */
    UnitSource source = this::weights;

    private final Arena arena = Arena.ofShared();

    NodeCluster(final int hidden, final Precision precision, final String overrides) {
        this.hidden = hidden;
        this.precision = precision;
        this.config = ConfigFactory.parseString(overrides)
                .withFallback(ConfigFactory.parseString("cheshire.transport.driver.mode = invoker"))
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
        this.model = new ModelConfig(
                "phimoe",
                32,
                hidden,
                48,
                LAYERS,
                4,
                2,
                8,
                EXPERTS,
                2,
                1e-5,
                0.01,
                false,
                false,
                10000,
                null,
                128,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(2),
                null);
        this.dataPlane = DataPlane.launch(transport());
    }

    TransportConfig transport() {
        return SettingReader.read(config, TransportConfig::from);
    }

    ModelIdentity identity() {
        return ModelIdentity.of(model, precision, FINGERPRINT);
    }

    ExpertNode addNode(final int nodeId, final String channel) {
        return addNode(StartingIdentity.node(nodeId, channel), kernels, identity(), transport());
    }

    ExpertNode addNode(
            final NodeEndpoint endpoint,
            final Kernels nodeKernels,
            final ModelIdentity identity,
            final TransportConfig transport) {
        return addNode(endpoint, nodeKernels, identity, transport, null);
    }

    ExpertNode addNode(
            final NodeEndpoint endpoint,
            final Kernels nodeKernels,
            final ModelIdentity identity,
            final TransportConfig transport,
            final @Nullable LifelineServer lifelines) {
        final NodeEnd links = Links.ofNode(dataPlane.aeron(), endpoint, identity, transport, lifelines);
        final ExpertNode node = new ExpertNode(
                endpoint,
                links,
                model,
                precision,
                nodeKernels,
                device,
                source,
                Runnable::run,
                SettingReader.read(config, ExpertNodeConfig::from),
                transport);
        nodes.add(node);
        nodeLinks.add(links);
        return node;
    }

    void removeNode(final ExpertNode node) {
        final int index = nodes.indexOf(node);
        nodes.remove(index);
        nodeLinks.remove(index);
        node.onClose();
    }

    void loadAll(final ExpertNode node) {
        for (int unit = 0; unit < model.unitCount(); unit++) {
            get(node.load(ExpertKey.ofUnitIndex(unit, EXPERTS), ""));
        }
    }

    TestRouter addRouter(final int routerId, final @Nullable FrameHook hook) {
        return addRouter(routerId, Channels.IPC, identity(), transport(), hook);
    }

    TestRouter addRouter(
            final int routerId,
            final String replyChannel,
            final ModelIdentity identity,
            final TransportConfig transport,
            final @Nullable FrameHook hook) {
        final TestRouter router = new TestRouter(
                this,
                Links.ofRouter(
                        dataPlane.aeron(), StartingIdentity.router(routerId, replyChannel), identity, transport, hook));
        routers.add(router);
        return router;
    }

    TestRouter addRouter(final RouterIdentity router, final ModelIdentity identity, final TransportConfig transport) {
        final TestRouter added =
                new TestRouter(this, Links.ofRouter(dataPlane.aeron(), router, identity, transport, null));
        routers.add(added);
        return added;
    }

    /** The random weights of a unit, always the same. */
    UnitWeights weights(final ExpertKey key) {
        final SplittableRandom random = new SplittableRandom(1000L + key.unitIndex(EXPERTS));
        return new UnitWeights(
                key,
                tensor("w1", random, model.ffnSize(), hidden),
                tensor("w2", random, hidden, model.ffnSize()),
                tensor("w3", random, model.ffnSize(), hidden));
    }

    private TensorView tensor(final String name, final SplittableRandom random, final long rows, final long columns) {
        final MemorySegment data = arena.allocate(rows * columns * Float.BYTES, 64);
        for (long i = 0; i < rows * columns; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-0.5, 0.5));
        }
        return new TensorView(name, Dtype.F32, List.of(rows, columns), data);
    }

    /** What the unit's kernel answers when called directly. */
    MemorySegment direct(final ExpertKey key, final MemorySegment rows, final int rowCount) {
        final MemorySegment results = arena.allocate((long) rowCount * hidden * Float.BYTES, 64);
        try (ExpertKernel kernel = kernels.loadExpert(model, precision, weights(key), Math.max(rowCount, 2))) {
            kernel.forward(rows, rowCount, results);
        }
        return results;
    }

    MemorySegment allocate(final long bytes) {
        return arena.allocate(bytes, 64);
    }

    /** Gives everything a turn. */
    void turn() {
        dataPlane.doWork();
        for (final TestRouter router : routers) {
            router.doWork();
        }
        for (final ExpertNode node : nodes) {
            node.doWork();
        }
        device.doWork();
    }

    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + AWAIT_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("waited in vain for: " + what);
            }
            turn();
        }
    }

    <T> T get(final CompletionStage<T> stage) {
        await("the outcome of a command", () -> stage.toCompletableFuture().isDone());
        return stage.toCompletableFuture().join();
    }

    @Override
    public void close() {
        routers.forEach(TestRouter::close);
        nodes.forEach(ExpertNode::onClose);
        while (device.doWork() > 0) {
            // the last jobs free what the nodes own
        }
        dataPlane.close();
        arena.close();
    }
}
