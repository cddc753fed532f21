package io.cheshire.chaos.sim.parameters;

import static io.cheshire.chaos.sim.world.World.MS;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** The product's settings, as an operator would set them: limits down to one, and times of the simulation's scale. */
final class ProductSettings {
    private static final Config BASE = ConfigFactory.load().withOnlyPath("cheshire");
    /** Runs whose routers take a node for lost later than the channel to it. */
    private static final int PATIENT_ONE_IN = 3;

    private final Draws draws;
    private final ClusterShape shape;
    private final Map<String, Object> settings = new LinkedHashMap<>();

    ProductSettings(final Draws draws, final ClusterShape shape) {
        this.draws = draws;
        this.shape = shape;
    }

    Config config() {
        return ConfigFactory.parseMap(settings).withFallback(BASE);
    }

    void drawTransport(final PlantedBug bug) {
        final int heartbeatMs = (int) (draws.between(10 * MS, 40 * MS) / MS);
        final boolean patient = draws.apart(43).nextInt(PATIENT_ONE_IN) == 0;
        set("transport.window-rows", draws.coin(0.3) ? draws.pick(1, 2, 3) : draws.pick(8, 32, 256));
        set("transport.max-routers", Math.max(shape.routers, draws.pick(1, 2, 8)));
        millis("transport.heartbeat-interval", heartbeatMs);
        millis("transport.suspect-after", heartbeatMs * draws.pick(4, 5, 8));
        millis("transport.peer-timeout", heartbeatMs * (draws.pick(5, 10, 20, 40) + (patient ? 80 : 0)));
        final int helloMs = draws.pick(RunParameters.HELLO_MS, 50, 100);
        millis("transport.hello-interval", bug == PlantedBug.ACCEPT_LATE_ANSWER ? RunParameters.HELLO_MS : helloMs);
        millis("transport.connect-timeout", draws.pick(200, 500, 1000));
        millis("transport.reconnect-interval", draws.pick(50, 100, 300));
        millis("transport.send-timeout", draws.pick(200, 500, 1500));
        millis("transport.partial-timeout", draws.pick(100, 300, 600));
        set("transport.poll-limit", draws.pick(1, 4, 64));
        set("transport.max-frame-bytes", 1024);
        set("transport.secret", shape.secret ? "a secret of the simulated cluster" : "");
        final int batchRows = draws.pick(1, 2, 4, 64);
        set("expert-node.max-batch-rows", batchRows);
        if (patient) {
            set("expert-node.max-unsent-bytes", batchRows * shape.hidden * Float.BYTES);
        }
        set("expert-node.compute-slots", draws.pick(1, 1, 2, 4));
        set("expert-node.recent-shards", draws.pick(1, 16, 1024));
    }

    void drawEngine() {
        final int rows = draws.pick(1, 2, 4, 8, 16);
        set("router.engine.lanes", draws.pick(1, 1, 2, 3));
        set("router.engine.max-rows-per-step", rows);
        set("router.engine.max-sequences-per-lane", Math.min(rows, draws.pick(1, 2, 4, 8)));
        set("router.engine.max-shard-rows", draws.pick(1, 2, 8, 64));
        set("router.engine.queue-limit", draws.pick(1, 2, 64));
        set("router.engine.context-limit", 48);
        set("router.engine.kv.block-tokens", shape.kvBlockTokens);
        set("router.engine.kv.prefix-cache", draws.coin(0.7));
        set("router.engine.hedge.deadline-multiple", draws.pick(1, 3, 5));
        millis("router.engine.hedge.min-deadline", draws.pick(5, 20, 50));
        millis("router.engine.hedge.max-deadline", draws.pick(50, 200, 500));
        set("router.engine.hedge.min-samples", draws.pick(1, 4, 16));
        set("router.engine.hedge.budget-share", draws.coin(0.2) ? 1.0 : 0.05);
        set("router.engine.hedge.budget-burst", draws.pick(1, 8, 64));
        millis("router.engine.hedge.answer-timeout", draws.pick(500, 1000, 2000));
        set("router.engine.slow-node.trickle", draws.pick(2, 4, 16));
        millis("router.engine.reconnect-interval", draws.pick(50, 100, 300));
        millis("router.engine.abandon-after", draws.pick(20, 100, 500));
    }

    void drawControl(final SimTimes times) {
        final int reportMs = (int) (times.reportNs / MS);
        set("coordinator.expected-nodes", shape.nodes);
        millis("coordinator.formation-timeout", draws.pick(300, 800, 2000));
        millis("coordinator.recovery", (int) (times.recoveryNs / MS));
        millis("coordinator.load-timeout", draws.pick(600, 1000, 2000));
        millis("coordinator.load-retry-min", draws.pick(20, 100));
        millis("coordinator.load-retry-max", draws.pick(200, 500));
        millis("coordinator.leave-timeout", draws.pick(500, 1500));
        millis("coordinator.republish-interval", draws.pick(100, 300));
        millis("coordinator.report-interval", reportMs);
        millis("coordinator.live-window", 3 * reportMs);
        millis("coordinator.tick-interval", draws.pick(20, 50, 100));
        set("coordinator.replicas", draws.pick(1, 2, 2, 3));
        set("coordinator.open-loads", draws.pick(1, 2, 8));
        millis("coordinator.publish-interval", draws.pick(50, 200, 1000));
        millis("coordinator.silent-after", reportMs * draws.pick(3, 5, 10));
        millis("coordinator.hint-window", reportMs * draws.pick(2, 5));
        millis("coordinator.rescue-hold", draws.pick(0, 300, 1500));
        millis("coordinator.rescue-wait", 1000);
        millis("coordinator.restore-after", draws.pick(0, 300, 1500));
        millis("member.register-interval", draws.pick(50, 100, 300));
        set("member.concurrent-loads", draws.pick(1, 2, 4));
    }

    /** What was thought of later is drawn last, so that every seed keeps what it meant before. */
    void drawLater() {
        set("router.engine.split.enabled", draws.coin(0.8));
        set("router.engine.split.ridge-rows", draws.pick(1, 1, 2, 4, 16));
        set("coordinator.epoch-burst", draws.pick(1, 2, 4, 10));
        millis("coordinator.epoch-interval", draws.pick(20, 100, 300));
    }

    void drawLifelines() {
        set("transport.lifelines", draws.coin(0.5));
    }

    /** What the coordinator's life does beside its placement machine; from numbers of their own, too. */
    void drawApart(final SplittableRandom apart) {
        // Reports alone come up to 20 times a second here: what is more than that is dropped in some runs.
        set("coordinator.peer-rate", apart.nextInt(3) == 0 ? 25 : 1_000);
        set("coordinator.peer-burst", apart.nextInt(2) == 0 ? 10 : 100);
        set("coordinator.refresh-limit", 1 + apart.nextInt(2));
        // Who is asked to leave and hears nothing leaves all the same, in some runs long before the coordinator
        // answers.
        millis("member.leave-timeout", apart.nextBoolean() ? 20 : 2500);
    }

    /** What some families of faults need, so that they lead to anything. */
    void suit(final FaultChoice faults) {
        if (faults.zombiesAreHeard) {
            // What a zombie publishes as it wakes is to be above its successor's.
            set("coordinator.epoch-burst", 10);
            millis("coordinator.epoch-interval", 20);
            millis("coordinator.publish-interval", 50);
        }
        if (faults.has(FaultKind.LIFELINE_CUT)) {
            set("transport.lifelines", true);
        }
    }

    /** In half of the runs routers guess tokens, some of them with few rows to spare for it. */
    void drawSpeculation(final SplittableRandom apart) {
        set("router.engine.speculative", apart.nextBoolean() ? "prompt-lookup" : "off");
        set("router.engine.prompt-lookup.min-match", 1);
        set("router.engine.prompt-lookup.max-draft", 1 + apart.nextInt(7));
        set("router.engine.prompt-lookup.max-rows-per-step", 1 + apart.nextInt(8));
    }

    void checkFrames() {
        set("transport.checksum.ipc", true);
        set("transport.checksum.udp", true);
    }

    private void set(final String key, final Object value) {
        settings.put("cheshire." + key, value);
    }

    private void millis(final String key, final int value) {
        set(key, value + " ms");
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
