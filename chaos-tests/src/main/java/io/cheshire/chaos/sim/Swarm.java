package io.cheshire.chaos.sim;

import static io.cheshire.chaos.sim.world.World.MS;
import static io.cheshire.chaos.sim.world.World.US;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.chaos.sim.net.DataPlane;
import io.cheshire.chaos.sim.net.DataSettings;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.protocol.Channels;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Everything that differs from run to run, drawn from the seed: the size of the cluster, limits down to one, times, how bad
 * the network is, which faults there are and how often. Public fields, since all of it is data.
 */
public final class Swarm {
    private static final int OTHER_BYTES_ONE_IN = 5;
    private static final int LINK_FAULT_ONE_IN = 3;
    /** Runs whose channels are full after a few rows, so that shards go out in part. */
    private static final int NARROW_ONE_IN = 4;
    /** Runs whose routers take a node for lost later than the channel to it. */
    private static final int PATIENT_ONE_IN = 3;

    private static final int ZOMBIE_ONE_IN = 6;
    private static final int HELLO_MS = 20;
    private static final Config BASE = ConfigFactory.load().withOnlyPath("cheshire");

    /** Longest prompt and output of a client. */
    public static final int MAX_PROMPT = 6;

    public static final int MAX_OUTPUT = 8;
    private static final int MAX_SEQUENCE = MAX_PROMPT + MAX_OUTPUT;

    public final long seed;
    public final int nodes;
    public final int routers;
    public final int clientsPerRouter;
    public final int layers;
    public final int experts;
    public final int hidden;
    public final int vocabulary = 16;
    public final Precision precision;
    public final int unitsOfMemory;
    public final int kvBlocks;
    public final int kvBlockTokens;
    public final boolean secret;
    public final DataSettings network;
    public final long controlDelayNs;
    public final long controlJitterNs;
    public final long controlGiveUpNs;
    public final long dutyNs;
    public final long attentionNs;
    public final long computeNs;
    public final long loadNs;
    public final long thinkNs;
    public final long deadlineNs;
    public final double cancelRate;
    public final long downAfterNs;
    public final long removalMarginNs;
    public final long restartNs;
    public final long recoveryNs;
    public final long chaosNs;
    public final long faultIntervalNs;
    public final long faultNs;
    public final Set<FaultKind> faults;
    /** Members still listen to a coordinator that the cluster removed. */
    public final boolean zombiesAreHeard;
    /** Channels are named as over UDP, so that answers must go where Hellos came from; else as shared memory. */
    public final boolean overUdp;
    /** Failure domains of the nodes. */
    public final SimRacks racks;
    /** Settings of the production code, as an operator would set them. */
    public final Config config;

    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final SplittableRandom random;

    /**
     * Draws the parameters of a seed.
     *
     * @param bug what is planted; the faults that it needs are on
     */
    public Swarm(final long seed, final PlantedBug bug) {
        this.seed = seed;
        random = new SplittableRandom(seed ^ 0x5EEDL);
        nodes = pick(1, 2, 2, 3, 3, 4, 5, 6);
        routers = pick(1, 1, 2, 2, 3);
        clientsPerRouter = pick(1, 2, 3, 4, 8);
        layers = pick(1, 2, 2, 3);
        experts = pick(2, 3, 4, 6, 8);
        hidden = pick(4, 6, 8, 16);
        precision = coin(0.5) ? Precision.BF16 : Precision.FP32;
        final int share = Math.ceilDiv(layers * experts, nodes);
        racks = SimRacks.draw(apart(53), nodes, bug.needs().contains(FaultKind.RACK_LOSS));
        unitsOfMemory = share * (pick(1, 1, 2, 3) + racks.spareShares()) + pick(0, 0, 1, 2, layers);
        kvBlockTokens = pick(1, 2, 4);
        kvBlocks = Math.ceilDiv(MAX_SEQUENCE, kvBlockTokens) * pick(1, 1, 2, 4) + pick(0, 1, 3);
        secret = coin(0.2);
        faults = drawFaults();
        faults.addAll(bug.needs());
        if (faults.size() > 1 && apart(7).nextInt(ZOMBIE_ONE_IN) == 0) {
            faults.add(FaultKind.COORDINATOR_ZOMBIE);
        }
        zombiesAreHeard = faults.contains(FaultKind.COORDINATOR_ZOMBIE)
                && (coin(0.3)
                        || apart(5).nextInt(4) != 0
                        || bug == PlantedBug.OBEY_OLD_EPOCH
                        || bug == PlantedBug.APPLY_OLD_EPOCH);
        network = drawNetwork(bug);
        controlDelayNs = between(100 * US, 4 * MS);
        controlJitterNs = between(0, 4 * MS);
        controlGiveUpNs = between(200 * MS, 2_000 * MS);
        dutyNs = between(500 * US, 3 * MS);
        attentionNs = between(1 * MS, 8 * MS);
        computeNs = between(100 * US, 3 * MS);
        loadNs = between(2 * MS, 40 * MS);
        thinkNs = between(0, 100 * MS);
        deadlineNs = pick(2, 4, 8, 60) * 1_000L * MS;
        cancelRate = faults.contains(FaultKind.CANCEL) ? 0.1 : 0;
        downAfterNs = between(400 * MS, 1_500 * MS);
        removalMarginNs = between(20 * MS, 200 * MS);
        restartNs = between(50 * MS, 800 * MS);
        chaosNs = between(2_000 * MS, 8_000 * MS);
        faultIntervalNs = between(60 * MS, 1_000 * MS);
        faultNs = between(50 * MS, 1_200 * MS);
        final long reportNs = between(50 * MS, 200 * MS);
        recoveryNs = reportNs * 4 + between(100 * MS, 500 * MS);
        drawTransport(bug);
        drawEngine();
        drawControl(reportNs);
        drawLater(bug);
        overUdp = drawLinks();
        drawRackLoss();
        config = ConfigFactory.parseMap(settings).withFallback(BASE);
    }

    /** Both are drawn before, so that what follows in a seed's numbers doesn't depend on the first. */
    private static boolean either(final boolean drawn, final boolean wanted) {
        return drawn || wanted;
    }

    private Set<FaultKind> drawFaults() {
        final Set<FaultKind> drawn = EnumSet.noneOf(FaultKind.class);
        if (coin(0.2)) {
            final List<FaultKind> kinds = FaultKind.EARLIER;
            drawn.add(kinds.get(random.nextInt(kinds.size())));
            return drawn;
        }
        final double share = 0.1 + random.nextDouble() * 0.6;
        for (final FaultKind kind : FaultKind.EARLIER) {
            if (coin(share)) {
                drawn.add(kind);
            }
        }
        return drawn;
    }

    private DataSettings drawNetwork(final PlantedBug bug) {
        final boolean raw =
                (faults.contains(FaultKind.DUPLICATION) || faults.contains(FaultKind.REORDERING)) && coin(0.5);
        final long livenessNs = between(100 * MS, 600 * MS);
        final SplittableRandom apart = apart(41);
        final boolean narrow = apart.nextInt(NARROW_ONE_IN) == 0;
        final boolean late = bug == PlantedBug.ACCEPT_LATE_ANSWER;
        return new DataSettings(
                raw,
                between(20 * US, 3 * MS) + (late ? 2 * HELLO_MS * MS : 0),
                coin(0.3) ? 0 : between(0, 3 * MS),
                faults.contains(FaultKind.LOSS) ? random.nextDouble() * (raw ? 0.1 : 0.3) : 0,
                faults.contains(FaultKind.DUPLICATION) ? random.nextDouble() * 0.5 : 0,
                faults.contains(FaultKind.REORDERING) ? random.nextDouble() * 0.5 : 0,
                faults.contains(FaultKind.CORRUPTION) ? random.nextDouble() * 0.03 : 0,
                between(1 * MS, 10 * MS),
                either(coin(0.3), narrow) ? pick(96, 128, 192) : 1408,
                either(coin(0.2), narrow) ? 1024 : 65536,
                livenessNs,
                livenessNs + between(0, 300 * MS),
                coin(0.2) || bug == PlantedBug.FORGET_NACK ? 0.1 : 0);
    }

    private void drawTransport(final PlantedBug bug) {
        final int heartbeatMs = (int) (between(10 * MS, 40 * MS) / MS);
        final boolean patient = apart(43).nextInt(PATIENT_ONE_IN) == 0;
        set("transport.window-rows", coin(0.3) ? pick(1, 2, 3) : pick(8, 32, 256));
        set("transport.max-routers", Math.max(routers, pick(1, 2, 8)));
        millis("transport.heartbeat-interval", heartbeatMs);
        millis("transport.suspect-after", heartbeatMs * pick(4, 5, 8));
        millis("transport.peer-timeout", heartbeatMs * (pick(5, 10, 20, 40) + (patient ? 80 : 0)));
        final int helloMs = pick(HELLO_MS, 50, 100);
        millis("transport.hello-interval", bug == PlantedBug.ACCEPT_LATE_ANSWER ? HELLO_MS : helloMs);
        millis("transport.connect-timeout", pick(200, 500, 1000));
        millis("transport.reconnect-interval", pick(50, 100, 300));
        millis("transport.send-timeout", pick(200, 500, 1500));
        millis("transport.partial-timeout", pick(100, 300, 600));
        set("transport.poll-limit", pick(1, 4, 64));
        set("transport.max-frame-bytes", 1024);
        set("transport.secret", secret ? "a secret of the simulated cluster" : "");
        final int batchRows = pick(1, 2, 4, 64);
        set("expert-node.max-batch-rows", batchRows);
        if (patient) {
            set("expert-node.max-unsent-bytes", batchRows * hidden * Float.BYTES);
        }
        set("expert-node.compute-slots", pick(1, 1, 2, 4));
        set("expert-node.recent-shards", pick(1, 16, 1024));
    }

    private void drawEngine() {
        final int rows = pick(1, 2, 4, 8, 16);
        set("router.engine.lanes", pick(1, 1, 2, 3));
        set("router.engine.max-rows-per-step", rows);
        set("router.engine.max-sequences-per-lane", Math.min(rows, pick(1, 2, 4, 8)));
        set("router.engine.max-shard-rows", pick(1, 2, 8, 64));
        set("router.engine.queue-limit", pick(1, 2, 64));
        set("router.engine.context-limit", 48);
        set("router.engine.kv.block-tokens", kvBlockTokens);
        set("router.engine.kv.prefix-cache", coin(0.7));
        set("router.engine.hedge.deadline-multiple", pick(1, 3, 5));
        millis("router.engine.hedge.min-deadline", pick(5, 20, 50));
        millis("router.engine.hedge.max-deadline", pick(50, 200, 500));
        set("router.engine.hedge.min-samples", pick(1, 4, 16));
        set("router.engine.hedge.budget-share", coin(0.2) ? 1.0 : 0.05);
        set("router.engine.hedge.budget-burst", pick(1, 8, 64));
        millis("router.engine.hedge.answer-timeout", pick(500, 1000, 2000));
        set("router.engine.slow-node.trickle", pick(2, 4, 16));
        millis("router.engine.reconnect-interval", pick(50, 100, 300));
        millis("router.engine.abandon-after", pick(20, 100, 500));
    }

    /** What was thought of later is drawn last, so that every seed keeps what it meant before. */
    private void drawLater(final PlantedBug bug) {
        set("router.engine.split.enabled", coin(0.8));
        set("router.engine.split.ridge-rows", pick(1, 1, 2, 4, 16));
        set("coordinator.epoch-burst", pick(1, 2, 4, 10));
        millis("coordinator.epoch-interval", pick(20, 100, 300));
        if (faults.size() > 1) { // some runs have one family alone
            for (final FaultKind kind : FaultKind.LATER) {
                if (coin(0.25)) {
                    faults.add(kind);
                }
            }
        } else if (coin(0.3)) {
            faults.clear();
            faults.add(FaultKind.LATER.get(random.nextInt(FaultKind.LATER.size())));
            faults.addAll(bug.needs());
        }
        set("transport.lifelines", coin(0.5));
        if (faults.size() > 1 && coin(0.25)) {
            faults.add(FaultKind.LIFELINE_CUT);
        }
        // Not from the same numbers: what the other seeds are known for stays as it is.
        if (bug == PlantedBug.NONE
                && faults.size() > 1
                && new SplittableRandom(~seed).nextInt(OTHER_BYTES_ONE_IN) == 0) {
            faults.add(FaultKind.OTHER_BYTES);
        }
        drawApart();
    }

    /** What the coordinator's life does beside its placement machine; from numbers of their own, too. */
    private void drawApart() {
        final SplittableRandom apart = new SplittableRandom(~seed * 31);
        for (final FaultKind kind : List.of(FaultKind.ROUTER_LEAVE, FaultKind.NODE_DOWNED, FaultKind.LOOK)) {
            if (apart.nextInt(3) == 0 && faults.size() > 1) {
                faults.add(kind);
            }
        }
        // Reports alone come up to 20 times a second here: what is more than that is dropped in some runs.
        set("coordinator.peer-rate", apart.nextInt(3) == 0 ? 25 : 1_000);
        set("coordinator.peer-burst", apart.nextInt(2) == 0 ? 10 : 100);
        set("coordinator.refresh-limit", 1 + apart.nextInt(2));
        // Who is asked to leave and hears nothing leaves all the same, in some runs long before the coordinator
        // answers.
        millis("member.leave-timeout", apart.nextBoolean() ? 20 : 2500);
        for (final FaultKind kind : List.of(FaultKind.CONTROL_RESET, FaultKind.LIFELINE_CUT)) {
            if (apart.nextInt(3) == 0 && faults.size() > 1) {
                faults.add(kind);
            }
        }
        if (zombiesAreHeard) {
            faults.add(FaultKind.CONTROL_RESET);
            // What a zombie publishes as it wakes is to be above its successor's.
            set("coordinator.epoch-burst", 10);
            millis("coordinator.epoch-interval", 20);
            millis("coordinator.publish-interval", 50);
        }
        if (faults.contains(FaultKind.LIFELINE_CUT)) {
            set("transport.lifelines", true);
        }
    }

    /** Drawn apart as well; answers whether channels are named as over UDP. */
    private boolean drawLinks() {
        final SplittableRandom apart = apart(17);
        for (final FaultKind kind : List.of(FaultKind.MEDIA_DRIVER, FaultKind.STRANGER)) {
            if (apart.nextInt(LINK_FAULT_ONE_IN) == 0 && faults.size() > 1) {
                faults.add(kind);
            }
        }
        set("transport.checksum.ipc", true);
        set("transport.checksum.udp", true);
        return apart.nextBoolean();
    }

    /** Drawn apart, too. */
    private void drawRackLoss() {
        if (racks.count() > 0 && faults.size() > 1 && apart(59).nextBoolean()) {
            faults.add(FaultKind.RACK_LOSS);
        }
    }

    private void drawControl(final long reportNs) {
        final int reportMs = (int) (reportNs / MS);
        set("coordinator.expected-nodes", nodes);
        millis("coordinator.formation-timeout", pick(300, 800, 2000));
        millis("coordinator.recovery", (int) (recoveryNs / MS));
        millis("coordinator.load-timeout", pick(600, 1000, 2000));
        millis("coordinator.load-retry-min", pick(20, 100));
        millis("coordinator.load-retry-max", pick(200, 500));
        millis("coordinator.leave-timeout", pick(500, 1500));
        millis("coordinator.republish-interval", pick(100, 300));
        millis("coordinator.report-interval", reportMs);
        millis("coordinator.live-window", 3 * reportMs);
        millis("coordinator.tick-interval", pick(20, 50, 100));
        set("coordinator.replicas", pick(1, 2, 2, 3));
        set("coordinator.open-loads", pick(1, 2, 8));
        millis("coordinator.publish-interval", pick(50, 200, 1000));
        millis("coordinator.silent-after", reportMs * pick(3, 5, 10));
        millis("coordinator.hint-window", reportMs * pick(2, 5));
        millis("coordinator.rescue-hold", pick(0, 300, 1500));
        millis("coordinator.rescue-wait", 1000);
        millis("coordinator.restore-after", pick(0, 300, 1500));
        millis("member.register-interval", pick(50, 100, 300));
        set("member.concurrent-loads", pick(1, 2, 4));
    }

    private void set(final String key, final Object value) {
        settings.put("cheshire." + key, value);
    }

    private void millis(final String key, final int value) {
        set(key, value + " ms");
    }

    /** Numbers of their own: with them what the seeds are known for stays as it is. */
    private SplittableRandom apart(final int what) {
        return new SplittableRandom(seed * 31 + what);
    }

    private int pick(final int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private boolean coin(final double chance) {
        return random.nextDouble() < chance;
    }

    private long between(final long low, final long high) {
        return low + random.nextLong(high - low + 1);
    }

    /** The channel on which a host listens. */
    public String channelOf(final int host) {
        return overUdp ? "aeron:udp?endpoint=" + DataPlane.addressOf(host) : Channels.IPC;
    }

    /** The parameters in one line each, for the head of a report. */
    public String describe() {
        final StringBuilder text = new StringBuilder();
        text.append("cluster: ")
                .append(nodes)
                .append(" nodes of ")
                .append(unitsOfMemory)
                .append(" units, ");
        text.append(racks.count()).append(" racks, ");
        text.append(routers).append(" routers of ").append(clientsPerRouter).append(" clients, ");
        text.append(layers)
                .append(" layers of ")
                .append(experts)
                .append(" experts, rows of ")
                .append(hidden);
        text.append(' ').append(precision).append('\n');
        text.append("network: ").append(network).append('\n');
        text.append("faults: ")
                .append(faults)
                .append(" each ")
                .append(faultIntervalNs / MS)
                .append(" ms for ");
        text.append(faultNs / MS).append(" ms, during ").append(chaosNs / MS).append(" ms\n");
        text.append("times: control ")
                .append(controlDelayNs / US)
                .append(" us, duty ")
                .append(dutyNs / US);
        text.append(" us, attention ")
                .append(attentionNs / US)
                .append(" us, expert ")
                .append(computeNs / US);
        text.append(" us, load ")
                .append(loadNs / US)
                .append(" us, downed after ")
                .append(downAfterNs / MS);
        text.append(" ms, restart after ")
                .append(restartNs / MS)
                .append(" ms, deadline ")
                .append(deadlineNs / MS);
        text.append(" ms\nsettings: ").append(settings);
        return text.toString();
    }
}
