package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.DigestedRouter;
import io.cheshire.model.runtime.checkpoint.MappedPages;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import io.cheshire.router.runtime.RouterActor;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.aeron.Links;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A router without its HTTP edge: kernels, engine and control-plane actor. Started and closed by one thread; to be
 * closed after the agents have stopped.
 */
public final class RouterEngine implements AutoCloseable {
    private final MemberProcess process;
    private final EngineConfig config;
    private final TextSupport text;
    private final RouterKernel kernel;
    private final String weightsSha256;
    private final EngineAgent engine;
    private final RouterEnd transport;
    private final ActorRef<RouterCommand> actor;
    private final LifeWatch life;

    private RouterEngine(
            final MemberProcess process,
            final EngineConfig config,
            final TextSupport text,
            final RouterKernel kernel,
            final String weightsSha256,
            final EngineAgent engine,
            final RouterEnd transport,
            final ActorRef<RouterCommand> actor,
            final LifeWatch life) {
        this.process = process;
        this.config = config;
        this.text = text;
        this.kernel = kernel;
        this.weightsSha256 = weightsSha256;
        this.engine = engine;
        this.transport = transport;
        this.actor = actor;
        this.life = life;
    }

    /**
     * Loads what is not an expert, starts the engine on the group's threads and joins the control plane.
     *
     * @param process      what it stands on; closes the router's kernels after its agents
     * @param routerId     number of this router in the cluster
     * @param replyChannel Aeron channel on which nodes answer
     */
    public static RouterEngine start(final MemberProcess process, final int routerId, final String replyChannel) {
        final ServedModel model = process.model();
        final TextSupport text = TokenizerFiles.load(
                model.checkpoint().modelDirectory(),
                model.config().vocabSize(),
                TextLimits.defaults(),
                process.config().model().chatTemplate());
        final EngineConfig config = process.config().engine();
        // Also a router is known by all that it computes with; read in the pass that scans it.
        final DigestedRouter read = model.checkpoint().digestedRouter();
        final RouterKernel kernel = loadKernel(process, config, read.weights());
        final RouterIdentity identity = StartingIdentity.router(routerId, replyChannel);
        final DataPlane dataPlane = process.dataPlane();
        final RouterEnd transport = dataPlane.call(() -> Links.ofRouter(
                dataPlane.aeron(),
                identity,
                model.identity(process.device().kernels()),
                process.config().transport(),
                null));
        final EngineAgent engine = engineOver(process, config, text, kernel, transport);
        RoutingRecording.start(process, engine, config.lanes());
        process.agents().add(engine);
        engine.wakeWith(process.agents()::wake);
        final ClusterSystem cluster = process.cluster();
        final LifeWatch life = new LifeWatch();
        final ActorRef<RouterCommand> actor = cluster.spawn(
                RouterActor.create(
                        new RouterActor.Identity(
                                identity.routerId(), identity.incarnation(), model.fingerprint(), read.sha256()),
                        engine,
                        () -> engine.status().ready(),
                        process.coordinator(),
                        cluster.memberConfig(),
                        life),
                "router-" + routerId);
        final RouterEngine router =
                new RouterEngine(process, config, text, kernel, read.sha256(), engine, transport, actor, life);
        process.closeAfterAgents(router);
        return router;
    }

    private static RouterKernel loadKernel(
            final MemberProcess process, final EngineConfig config, final RouterWeights weights) {
        final ServedModel model = process.model();
        final ComputeDevice device = process.device();
        final RouterKernel kernel = device.call(() -> model.checkpoint()
                .whileUnchanged(() -> device.kernels()
                        .loadRouter(
                                model.config(),
                                model.precision(),
                                weights,
                                config.kvLayout(model.config(), model.precision(), device.kernels()),
                                config.maxRowsPerStep())));
        MappedPages.drop(weights);
        return kernel;
    }

    private static EngineAgent engineOver(
            final MemberProcess process,
            final EngineConfig config,
            final TextSupport text,
            final RouterKernel kernel,
            final ExpertTransport transport) {
        final ServedModel model = process.model();
        final ModelConfig modelConfig = model.config();
        return new EngineAgent(
                config,
                modelConfig,
                model.precision(),
                model.fingerprint(),
                kernel,
                new RopeTables(modelConfig, config.contextTokens(modelConfig)),
                process.device().executor(),
                process.instruments().transport(transport),
                tokenIds(text),
                System::nanoTime);
    }

    /** Ids that have a token; without a tokenizer nobody knows, and all are allowed. */
    private static @Nullable BitSet tokenIds(final TextSupport text) {
        return switch (text) {
            case TextSupport.Available available -> available.codec().tokenIds();
            case TextSupport.TokenIdsOnly ignored -> null;
        };
    }

    /**
     * A second engine on the same kernels and the same KV memory, started on the group's threads: for comparing
     * transports. Only one of the two may have sequences at a time, and the prefix cache must be off, since each thinks
     * that the KV cache is its own. It has no placement yet.
     *
     * @param changes in what this engine differs from the first one: guesses and jumps, nothing that sizes memory
     */
    public EngineAgent besides(final ExpertTransport transport, final UnaryOperator<EngineConfig> changes) {
        if (config.kv().prefixCache()) {
            throw new IllegalArgumentException("two engines can't share KV memory with kv.prefix-cache on");
        }
        final EngineAgent second = engineOver(process, changes.apply(config), text, kernel, transport);
        process.agents().add(second);
        return second;
    }

    public EngineAgent engine() {
        return engine;
    }

    /** Everything of the model that is not an expert. */
    public RouterKernel kernel() {
        return kernel;
    }

    /** Digest of all that is not an expert, as it was read: 64 hexadecimal digits. */
    String weightsSha256() {
        return weightsSha256;
    }

    RouterEnd transport() {
        return transport;
    }

    TextSupport text() {
        return text;
    }

    /** What the router says of itself. */
    Map<String, Object> view(final int routerId) {
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", routerId);
        view.putAll(life.view());
        view.put("epoch", engine.unanswered().epoch());
        view.put("kvBytes", kernel.kvBytes());
        view.put("weightBytes", kernel.weightBytes());
        view.put("weightsSha256", weightsSha256);
        view.put("nodes", engine.nodeHealth());
        return view;
    }

    /** Tells the control plane; requests must have ended. */
    void leave(final String reason) {
        process.cluster().leaveRouter(actor, reason).toCompletableFuture().join();
    }

    /** After the agents have stopped: frees what they used. */
    @Override
    public void close() {
        kernel.close();
        text.close();
    }
}
