package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.chaos.process.CpuWatch;
import io.cheshire.chaos.process.Harm;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** A {@code local-cluster} of this host, and further routers that join it. */
final class LocalSite implements ExperimentSite {
    private static final Duration START_LIMIT = Duration.ofMinutes(6);
    private static final Duration WHOLE_LIMIT = Duration.ofMinutes(4);
    private static final Duration SLACK = Duration.ofSeconds(1);

    private final ClusterProcesses cluster;
    private final GpuFaults gpus;
    private final OperatorFaults operator;
    private final List<JsonClient> apis = new ArrayList<>();
    private final Map<String, ServeProcess> routers = new HashMap<>();
    private final Map<String, Long> killed = new HashMap<>();
    private final Map<ResolvedFault, List<ResumeGuard>> stopped = new HashMap<>();

    /** Takes a cluster and its GPUs, which are closed with this. */
    private LocalSite(final ClusterProcesses cluster, final GpuFaults gpus, final Consumer<String> progress) {
        this.cluster = cluster;
        this.gpus = gpus;
        this.operator = new OperatorFaults(cluster.ops(), progress);
        apis.add(cluster.api());
    }

    /** Starts the cluster that a file asks for; returns when every unit has its copies. */
    static LocalSite start(final ExperimentCluster asked, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final List<String> flags = new ArrayList<>(List.of(
                "--nodes",
                Integer.toString(asked.nodes()),
                "--replicas",
                Integer.toString(asked.copies()),
                "--restart-after",
                "1"));
        if (asked.racks() != 0) {
            flags.addAll(List.of("--racks", Integer.toString(asked.racks())));
        }
        if (asked.model() != null) {
            flags.addAll(List.of("--model", asked.model()));
        }
        final GpuFaults gpus = GpuFaults.of(asked);
        flags.addAll(gpus.flags());
        progress.accept("starting " + (asked.nodes() + 1 + asked.routers()) + " processes ...");
        final LocalSite site = new LocalSite(ClusterProcesses.start(START_LIMIT, flags), gpus, progress);
        try {
            for (int router = 1; router < asked.routers(); router++) {
                site.join(router);
            }
            site.cluster.awaitWhole(asked.nodes(), asked.copies(), WHOLE_LIMIT);
            return site;
        } catch (final IOException | InterruptedException | RuntimeException failure) {
            site.close();
            throw failure;
        }
    }

    private void join(final int router) throws IOException, InterruptedException {
        final List<String> flags = new ArrayList<>(cluster.joinFlags());
        flags.addAll(List.of("--router-id", Integer.toString(router)));
        final ServeProcess process = ServeProcess.startRouter(flags);
        routers.put("router-" + router, process);
        final JsonClient api = new JsonClient(process.port());
        apis.add(api);
        Await.until(
                "router " + router + " is ready",
                START_LIMIT,
                Await.CLUSTER_POLL,
                () -> isReady(api),
                () -> process.output().toString());
    }

    private static boolean isReady(final JsonClient api) {
        try {
            return api.get("/ready").status() == 200;
        } catch (final IOException notYet) {
            return false;
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public List<JsonClient> apis() {
        return List.copyOf(apis);
    }

    @Override
    public JsonClient ops() {
        return cluster.ops();
    }

    @Override
    public void begin(final ResolvedFault fault) {
        final PlannedFault planned = fault.fault();
        switch (planned.kind()) {
            case KILL, COORDINATOR_KILL -> fault.who().forEach(this::kill);
            case ROUTER_KILL ->
                fault.who()
                        .forEach(name ->
                                Objects.requireNonNull(routers.get(name)).close());
            case TERMINATE ->
                fault.who().forEach(name -> {
                    remember(name);
                    cluster.harm(name, Harm.TERMINATE);
                });
            case STOP ->
                stopped.put(
                        fault,
                        fault.who().stream()
                                .map(name -> ResumeGuard.stop(pid(name), Objects.requireNonNull(planned.lasting())))
                                .toList());
            case MOVE -> operator.moveMeanwhile(fault);
            case DRAIN -> operator.drain(fault.nodes(), Objects.requireNonNull(planned.lasting()));
            case GPU_ERROR, GPU_HANG, GPU_BIT_FLIP -> // it ends by itself when it notices, and is started again
                fault.who().forEach(name -> {
                    remember(name);
                    gpus.begin(planned.kind(), pid(name));
                });
            case GPU_OUT_OF_MEMORY -> fault.who().forEach(name -> gpus.begin(planned.kind(), pid(name)));
            case GPU_REFUSAL ->
                fault.who().forEach(name -> {
                    gpus.begin(planned.kind(), pid(name));
                    kill(name);
                });
            case PARTITION, LOSS, DELAY, SLOW_NODE, FAILED_LOAD ->
                throw new IllegalStateException(planned.kind().word() + " can't be done to processes");
        }
    }

    private void kill(final String name) {
        final ServeProcess router = routers.get(name);
        if (router != null) {
            router.close();
            return;
        }
        remember(name);
        cluster.harm(name, Harm.KILL);
    }

    private synchronized void remember(final String name) {
        killed.put(name, cluster.process(name).pid());
    }

    private long pid(final String name) {
        final ServeProcess router = routers.get(name);
        return router == null ? cluster.process(name).pid() : router.pid();
    }

    @Override
    public void end(final ResolvedFault fault) throws InterruptedException {
        final List<ResumeGuard> guards = stopped.remove(fault);
        if (guards != null) {
            for (final ResumeGuard guard : guards) {
                guard.resume(SLACK);
            }
        }
        final FaultVerb kind = fault.fault().kind();
        if (kind == FaultVerb.DRAIN) {
            operator.undrain(fault.nodes());
        } else if (kind == FaultVerb.GPU_OUT_OF_MEMORY) {
            fault.who().forEach(name -> gpus.end(pid(name)));
        }
    }

    @Override
    public synchronized boolean isBack() {
        return killed.entrySet().stream().allMatch(entry -> isReplaced(entry.getKey(), entry.getValue()));
    }

    private boolean isReplaced(final String name, final long pid) {
        try {
            return cluster.process(name).pid() != pid;
        } catch (final IllegalStateException notYet) {
            return false;
        }
    }

    @Override
    public CpuWatch watchCores() {
        return new CpuWatch(cluster.process("router"), CpuWatch.AGENTS);
    }

    @Override
    public void heal() {
        operator.undrainAll();
    }

    @Override
    public void close() {
        apis.stream().skip(1).forEach(JsonClient::close);
        routers.values().forEach(ServeProcess::close);
        cluster.close();
    }
}
