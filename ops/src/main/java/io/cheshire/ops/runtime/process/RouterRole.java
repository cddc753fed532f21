package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.ApiServer;
import io.cheshire.http.runtime.ChaosConfig;
import io.cheshire.http.runtime.PlanConfig;
import io.cheshire.http.runtime.console.LaboratoryProvider;
import io.cheshire.http.runtime.console.LaboratorySite;
import io.cheshire.http.runtime.console.PlanDeskProvider;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import io.cheshire.http.runtime.console.PlanDeskSite;
import io.cheshire.model.protocol.RopeScaling;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.text.StopIds;
import io.cheshire.model.runtime.text.TextDigest;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.ops.core.SystemFingerprint;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** A router: engine, control-plane actor and HTTP edge. Started once, then drained, by one thread. */
public final class RouterRole {
    private static final Duration COORDINATOR_TIMEOUT = Duration.ofSeconds(3);

    private final RouterEngine router;
    private final ApiServer api;

    private RouterRole(final RouterEngine router, final ApiServer api) {
        this.router = router;
        this.api = api;
    }

    /**
     * Loads what is not an expert, starts the engine on the group's threads, joins the control plane and opens the
     * API's listener. Requests are answered with 503 until the placement is there ({@code /ready}).
     *
     * @param process      what it stands on; closes the router's kernels after its agents
     * @param routerId     number of this router in the cluster
     * @param replyChannel Aeron channel on which nodes answer
     * @param apiConfig    where and how the API listens
     * @param operations   of this process
     */
    public static RouterRole start(
            final MemberProcess process,
            final int routerId,
            final String replyChannel,
            final ApiConfig apiConfig,
            final Operations operations) {
        process.showOn(operations);
        final ClusterSystem cluster = process.cluster();
        final RouterEngine router = RouterEngine.start(process, routerId, replyChannel);
        final EngineAgent engine = router.engine();
        final TextSupport text = router.text();
        final MeterRegistry meters = operations.registry();
        EngineMeters.bind(meters, engine);
        TransportMeters.bind(meters, router.transport());
        ExchangeMeters.bind(meters, operations.figures(), engine);
        ClusterMeters.bind(
                operations,
                cluster,
                process.coordinator(),
                process.model().config().layerCount());
        final CoordinatorAdmin admin = new CoordinatorAdmin(
                cluster, process.coordinator(), COORDINATOR_TIMEOUT, RouterFacts.of(process, router));
        final ApiServer api = ApiServer.start(
                apiConfig,
                engine,
                CheckpointText.of(
                        text, TokenizerInfo.of(process.model().checkpoint().modelDirectory())),
                modelInfo(process, router, text),
                meters,
                process.config().ops().figures().vllmNames());
        try {
            operations.administers(admin);
            api.appearIn(operations.console(), admin, meters);
            openLaboratory(process, apiConfig, api, operations);
            openPlanDesk(process, operations);
            operations.shows("listeners", () -> Map.of("operations", operations.url(), "api", api.url()));
            operations.shows("router", () -> router.view(routerId));
            operations.readyWhen(api::notReady);
            return new RouterRole(router, api);
        } catch (final RuntimeException | Error refused) {
            // Else requests and batches would go on while what they stand on is freed.
            api.close();
            throw refused;
        }
    }

    /** Experiments come from a module that this one may not depend on. */
    private static void openLaboratory(
            final MemberProcess process, final ApiConfig apiConfig, final ApiServer api, final Operations operations) {
        if (!operations.console().runsExperiments()) {
            return;
        }
        final LaboratoryProvider provider = ServiceLoader.load(LaboratoryProvider.class)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(ChaosConfig.SECTION
                        + ".enabled is on, and this build has no experiments: cheshire-chaos-tests is not on the class"
                        + " path"));
        operations
                .console()
                .open(provider.open(new LaboratorySite(
                        api.url(),
                        apiConfig.keys().isEmpty()
                                ? null
                                : apiConfig.keys().getFirst().key(),
                        operations.url(),
                        process.config().ops().key())));
    }

    /** So does a planner; without a plan in force nobody needs one. */
    private static void openPlanDesk(final MemberProcess process, final Operations operations) {
        final PlanConfig plan = process.config().ops().plan();
        final Optional<PlanDeskProvider> provider =
                ServiceLoader.load(PlanDeskProvider.class).findFirst();
        if (provider.isEmpty()) {
            if (plan.file() != null) {
                throw new IllegalArgumentException(PlanConfig.FILE + " is " + plan.file()
                        + ", and this build has no planner: cheshire-planner is not on the class path. Leave it empty,"
                        + " and let `cheshire plan watch --ops` of a checkout look from outside");
            }
            return;
        }
        try {
            operations
                    .console()
                    .open(provider.get()
                            .open(new PlanDeskSite(
                                    process.model().checkpoint().directory(),
                                    plan.file() == null ? null : Path.of(plan.file()),
                                    plan.every(),
                                    plan.window(),
                                    operations.registry())));
        } catch (final PlanDeskRefused refused) {
            throw new IllegalArgumentException(
                    PlanConfig.FILE + " is " + plan.file() + ", which can't be used: " + refused.getMessage(), refused);
        }
    }

    private static ModelInfo modelInfo(final MemberProcess process, final RouterEngine router, final TextSupport text) {
        final ServedModel model = process.model();
        final RopeScaling scaling = model.config().ropeScaling();
        final ModelDirectory directory = model.checkpoint().modelDirectory();
        final NavigableSet<Integer> stopIds = StopIds.of(model.config(), directory, text);
        return new ModelInfo(
                model.name(),
                process.config().model().aliases(),
                Instant.now().getEpochSecond(),
                SystemFingerprint.of(
                        fingerprintKind(process),
                        List.of(
                                model.fingerprint(),
                                model.numerics(process.device().kernels()),
                                router.weightsSha256(),
                                TextDigest.of(directory, text))),
                model.config().vocabSize(),
                router.engine().status().contextTokens(),
                scaling == null ? 0 : scaling.originalMaxPositionEmbeddings(),
                stopIds,
                model.config().scoreHead());
    }

    private static SystemFingerprint.Kind fingerprintKind(final MemberProcess process) {
        if (process.device().lateness() != null) {
            return SystemFingerprint.Kind.PACED;
        }
        return process.model().mode() == FingerprintMode.SAMPLED
                ? SystemFingerprint.Kind.SAMPLED
                : SystemFingerprint.Kind.WHOLE;
    }

    /** Why text isn't served, or null if it is. */
    public @Nullable String textLimitation() {
        return router.text() instanceof TextSupport.TokenIdsOnly(final String reason) ? reason : null;
    }

    public EngineAgent engine() {
        return router.engine();
    }

    public ApiServer api() {
        return api;
    }

    /** Weights and KV cache of this router, in bytes. */
    public long kvBytes() {
        return router.kernel().kvBytes();
    }

    /** Weights of this router, in bytes. */
    public long weightBytes() {
        return router.kernel().weightBytes();
    }

    /**
     * Orderly end: not ready, no new requests, running ones finish, listeners close, the control plane is told.
     *
     * @return true if every request finished by itself
     */
    public boolean drain(final Duration patience) {
        final boolean finished = api.drain(patience);
        engine().drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        router.leave("the process is stopping");
        return finished;
    }
}
