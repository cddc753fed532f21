package io.cheshire.ops.runtime.node;

import com.typesafe.config.Config;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import io.cheshire.model.runtime.checkpoint.MappedPages;
import io.cheshire.model.runtime.text.StopIds;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import io.cheshire.router.api.core.ModelInfo;
import io.cheshire.router.api.runtime.ApiConfig;
import io.cheshire.router.api.runtime.ApiServer;
import io.cheshire.router.runtime.RouterActor;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.transport.runtime.AeronExpertTransport;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.RouterIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** A router: engine, control-plane actor and HTTP edge. Started once, then drained and closed, by one thread. */
public final class RouterRole implements AutoCloseable {
    private static final Duration COORDINATOR_TIMEOUT = Duration.ofSeconds(3);
    private static final int FINGERPRINT_DIGITS_SHOWN = 12;

    private final EngineAgent engine;
    private final RouterKernel kernel;
    private final TextSupport text;
    private final ActorRef<RouterCommand> actor;
    private final ClusterSystem cluster;
    private final ApiServer api;

    private RouterRole(
            final EngineAgent engine,
            final RouterKernel kernel,
            final TextSupport text,
            final ActorRef<RouterCommand> actor,
            final ClusterSystem cluster,
            final ApiServer api) {
        this.engine = engine;
        this.kernel = kernel;
        this.text = text;
        this.actor = actor;
        this.cluster = cluster;
        this.api = api;
    }

    /**
     * Loads what is not an expert, starts the engine on the group's threads, joins the control plane and opens the
     * listeners. Requests are answered with 503 until the placement is there ({@code /ready}).
     *
     * @param process      what it stands on; closes the router's kernels after its agents
     * @param routerId     number of this router in the cluster
     * @param replyChannel Aeron channel on which nodes answer
     */
    public static RouterRole start(final MemberProcess process, final int routerId, final String replyChannel) {
        final Config config = process.config();
        final ServedModel model = process.model();
        final ComputeDevice device = process.device();
        final DataPlane dataPlane = process.dataPlane();
        final ClusterSystem cluster = process.cluster();
        final ModelConfig modelConfig = model.config();
        final EngineConfig engineConfig = EngineConfig.from(config);
        final TextSupport text =
                TokenizerFiles.load(model.checkpoint().directory(), modelConfig.vocabSize(), TextLimits.defaults());
        final RouterWeights weights = model.checkpoint().routerWeights();
        final RouterKernel kernel = device.call(() -> device.kernels()
                .loadRouter(
                        modelConfig,
                        model.precision(),
                        weights,
                        engineConfig.kvLayout(modelConfig, model.precision(), device.kernels()),
                        engineConfig.maxRowsPerStep()));
        MappedPages.drop(weights);
        final RouterIdentity identity = RouterIdentity.starting(routerId, replyChannel);
        final AeronExpertTransport transport = dataPlane.call(() -> new AeronExpertTransport(
                dataPlane.aeron(), identity, model.identity(), TransportConfig.of(config), null));
        final EngineAgent engine = new EngineAgent(
                engineConfig,
                modelConfig,
                model.precision(),
                model.fingerprint(),
                kernel,
                new RopeTables(modelConfig, engineConfig.contextTokens(modelConfig)),
                device.executor(),
                transport,
                tokenIds(text),
                System::nanoTime);
        process.agents().add(engine);
        final ActorRef<RouterCommand> actor = cluster.spawn(
                RouterActor.create(
                        new RouterActor.Identity(identity.routerId(), identity.incarnation(), model.fingerprint()),
                        engine,
                        () -> engine.status().ready(),
                        process.coordinator(),
                        cluster.memberConfig(),
                        MemberListener.NONE),
                "router-" + routerId);
        final PrometheusMeterRegistry meters = EngineMeters.registry();
        EngineMeters.bind(meters, engine);
        final ApiServer api = ApiServer.start(
                ApiConfig.from(config),
                engine,
                CheckpointText.of(text),
                modelInfo(model, engine, text),
                meters,
                new CoordinatorAdmin(cluster, process.coordinator(), COORDINATOR_TIMEOUT));
        final RouterRole role = new RouterRole(engine, kernel, text, actor, cluster, api);
        process.closeAfterAgents(role);
        return role;
    }

    private static ModelInfo modelInfo(final ServedModel model, final EngineAgent engine, final TextSupport text) {
        final RopeScaling scaling = model.config().ropeScaling();
        return new ModelInfo(
                model.name(),
                Instant.now().getEpochSecond(),
                "cheshire-" + model.fingerprint().substring(0, FINGERPRINT_DIGITS_SHOWN),
                model.config().vocabSize(),
                engine.status().contextTokens(),
                scaling == null ? 0 : scaling.originalMaxPositionEmbeddings(),
                StopIds.of(model.config(), model.checkpoint().directory(), text));
    }

    /** Ids that have a token; without a tokenizer nobody knows, and all are allowed. */
    private static @Nullable BitSet tokenIds(final TextSupport text) {
        return switch (text) {
            case TextSupport.Available available -> available.codec().tokenIds();
            case TextSupport.TokenIdsOnly ignored -> null;
        };
    }

    /** Why text isn't served, or null if it is. */
    public @Nullable String textLimitation() {
        return text instanceof TextSupport.TokenIdsOnly(final String reason) ? reason : null;
    }

    public EngineAgent engine() {
        return engine;
    }

    public ApiServer api() {
        return api;
    }

    /** Weights and KV cache of this router, in bytes. */
    public long kvBytes() {
        return kernel.kvBytes();
    }

    /** Weights of this router, in bytes. */
    public long weightBytes() {
        return kernel.weightBytes();
    }

    /**
     * Orderly end: not ready, no new requests, running ones finish, listeners close, the control plane is told.
     *
     * @return true if every request finished by itself
     */
    public boolean drain(final Duration patience) {
        final boolean finished = api.drain(patience);
        engine.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        cluster.leaveRouter(actor, "the process is stopping")
                .toCompletableFuture()
                .join();
        return finished;
    }

    /** After the agents have stopped: frees what they used. */
    @Override
    public void close() {
        kernel.close();
        text.close();
    }
}
