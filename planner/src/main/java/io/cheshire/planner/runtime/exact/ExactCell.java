package io.cheshire.planner.runtime.exact;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.SimResult;
import io.cheshire.chaos.sim.SimScript;
import io.cheshire.chaos.sim.Simulation;
import io.cheshire.chaos.sim.net.DataSettings;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.parameters.ClusterShape;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.parameters.SimTimes;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.Violation;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One cluster in the exact fidelity: the chaos simulation's world, in which the product's own engine, exchange, nodes
 * and placement machine run, on hardware that is as fast as a calibration says. What must hold of every run is demanded
 * here. One thread.
 */
public final class ExactCell {
    private static final Config PRODUCT = ConfigFactory.load().withOnlyPath("cheshire");
    private static final int LONGEST_CONTEXT = 131_072;
    private static final long CONTROL_DELAY_NS = 500 * World.US;
    private static final long AFTER_LAST_NS = 3_600_000 * World.MS;
    private static final int EXPERTS_PER_TOKEN = 2;

    private final CellPlan plan;
    private final StepTimes times;
    private final RowRouting routing;
    private final ExactWatch watch;

    public ExactCell(final CellPlan plan, final StepTimes times, final RowRouting routing) {
        this(plan, times, routing, ExactWatch.none());
    }

    /** One run of which is looked at. */
    public ExactCell(final CellPlan plan, final StepTimes times, final RowRouting routing, final ExactWatch watch) {
        this.watch = watch;
        this.plan = plan;
        this.times = times;
        this.routing = routing;
    }

    /** Runs a stream of requests to its end while this strikes. */
    public ExactRun run(final RequestStream requests, final List<Strike> strikes, final long seed) {
        return run(requests, strikes, seed, 0);
    }

    /** The same; so many gaps of each request, from its first on, aren't counted. */
    ExactRun run(final RequestStream requests, final List<Strike> strikes, final long seed, final int skippedGaps) {
        final MeasuredHardware hardware = new MeasuredHardware(plan, times, routing, seed, watch);
        final Script script = new Script(hardware, requests, strikes, skippedGaps, seed);
        final SimResult result = Simulation.run(parameters(seed), hardware, script);
        final Violation violation = result.violation();
        if (violation != null) {
            throw new IllegalStateException("what must hold of every run doesn't: " + violation);
        }
        script.demandBooks(strikes);
        script.outcome.close(result.steps(), script.preemptions(), result.events());
        return new ExactRun(script.outcome, script.untilWholeNs(), result.simulatedNs());
    }

    private RunParameters parameters(final long seed) {
        final CellPlan.Size size = plan.size();
        final int units = times.shape().layerCount() * times.shape().expertCount();
        final int share = Math.ceilDiv(units * size.replicas(), size.nodes());
        final ClusterShape.Sizes sizes = new ClusterShape.Sizes(
                size.nodes(),
                size.routers(),
                size.racks(),
                times.shape().layerCount(),
                times.shape().expertCount(),
                MeasuredHardware.HIDDEN,
                // Room for what a lost node held.
                Math.min(units, share + Math.ceilDiv(share, Math.max(1, size.nodes() - 1)) + 1),
                plan.limits().kvBlocks(),
                plan.limits().blockTokens());
        final SimTimes.ControlTimes control = new SimTimes.ControlTimes(
                CONTROL_DELAY_NS,
                CONTROL_DELAY_NS,
                plan.recovery().removedNs(),
                100 * World.MS,
                plan.recovery().restartNs(),
                plan.recovery().deadlineNs());
        return new RunParameters(seed, new RunParameters.Planned(sizes, control, network(), false, config()));
    }

    /** Packets take what {@link MeasuredNetwork} says, and none is lost; sessions end as late as in production. */
    private static DataSettings network() {
        return new DataSettings(
                false, 0, 0, 0, 0, 0, 0, World.MS, 1 << 16, 1 << 22, 10_000 * World.MS, 10_000 * World.MS, 0);
    }

    private Config config() {
        final CellPlan.RouterLimits limits = plan.limits();
        final Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("cheshire.router.engine.lanes", limits.lanes());
        settings.put("cheshire.router.engine.lane-fill", limits.isPacked() ? "packed" : "even");
        settings.put("cheshire.router.engine.max-rows-per-step", limits.maxRowsPerStep());
        settings.put("cheshire.router.engine.max-sequences-per-lane", limits.maxSequencesPerLane());
        settings.put("cheshire.router.engine.queue-limit", limits.queueLimit());
        settings.put("cheshire.router.engine.context-limit", (int) Math.min(LONGEST_CONTEXT, limits.kvTokens()));
        settings.put("cheshire.router.engine.kv.block-tokens", limits.blockTokens());
        // Simulated prompts are all alike: shared prefixes are taken off their lengths before they come here.
        settings.put("cheshire.router.engine.kv.prefix-cache", false);
        settings.put("cheshire.coordinator.expected-nodes", plan.size().nodes());
        settings.put("cheshire.coordinator.replicas", plan.size().replicas());
        settings.put("cheshire.transport.max-routers", Math.max(8, plan.size().routers()));
        settings.put("cheshire.transport.secret", "");
        return ConfigFactory.parseMap(settings).withFallback(PRODUCT).resolve();
    }

    /** One run's load and strikes. */
    private final class Script implements SimScript {
        private final MeasuredHardware hardware;
        private final RequestStream requests;
        private final List<Strike> strikes;
        private final CellOutcome outcome;
        private final long seed;
        private @Nullable ExactLoad load;
        private @Nullable ExactStrikes striking;
        private @Nullable SimHosts hosts;

        private Script(
                final MeasuredHardware hardware,
                final RequestStream requests,
                final List<Strike> strikes,
                final int skippedGaps,
                final long seed) {
            this.seed = seed;
            this.hardware = hardware;
            this.requests = requests;
            this.strikes = strikes;
            this.outcome = new CellOutcome(requests.size(), skippedGaps);
        }

        @Override
        public void begin(final SimContext context, final SimHosts everybody, final Paths dataPaths) {
            context.plane()
                    .paceBy(new MeasuredNetwork(
                            plan, times, MeasuredHardware.simulatedRowBytes(), hardware::reserveEngine));
            context.plane().lifelines().dieWithin(plan.recovery().deathNs());
            final ExactLoad loading = new ExactLoad(
                    context.world(),
                    everybody,
                    requests,
                    times,
                    outcome,
                    plan.recovery().deadlineNs());
            final ExactStrikes planned = new ExactStrikes(context, everybody, plan, loading);
            load = loading;
            striking = planned;
            hosts = everybody;
            if (watch.pauses()) {
                final ExactPauses pauses = new ExactPauses(context.world(), seed);
                pauses.begin(everybody.nodes(), times.node());
                pauses.begin(everybody.routers(), times.router());
            }
            loading.begin();
            planned.begin(strikes);
        }

        @Override
        public long durationNs() {
            return requests.lastArrivalNs() + AFTER_LAST_NS;
        }

        @Override
        public boolean isOver() {
            watch.demandTime();
            return load != null && load.isOver() && striking != null && striking.areOver();
        }

        private long untilWholeNs() {
            return striking == null ? ExactStrikes.NEVER : striking.untilWholeNs();
        }

        private long preemptions() {
            return hosts == null
                    ? 0
                    : hosts.routers().stream()
                            .filter(SimRouter::isUp)
                            .mapToLong(router -> router.status().preemptions())
                            .sum();
        }

        /** Rows by both sides' books; where a process died, one side died with it. */
        private void demandBooks(final List<Strike> struck) {
            final SimHosts all = hosts;
            final boolean allLived = struck.stream().allMatch(strike -> switch (strike.kind()) {
                case KILL, ROLLING_UPDATE, ROUTER_KILL -> false;
                case SILENCE, SLOW, DRAIN -> true;
            });
            if (all == null || !allLived) {
                return;
            }
            final long served =
                    all.nodes().stream().mapToLong(node -> node.rowsServed()).sum();
            long due = 0;
            long lost = 0;
            for (final SimRouter router : all.routers()) {
                due += EXPERTS_PER_TOKEN * router.rowsCounted()
                        - sum(router.answerRows().givenUp())
                        + sum(router.answerRows().unused());
                lost += sum(router.answerRows().lost());
            }
            if (served < due || served > due + lost) {
                throw new IllegalStateException("nodes served " + served + " rows, and by the routers' books it is "
                        + due + " and up to " + lost + " more");
            }
        }

        private static long sum(final List<Long> byLayer) {
            return byLayer.stream().mapToLong(Long::longValue).sum();
        }
    }
}
