package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import io.cheshire.coordinator.core.CoordinatorRules;
import io.cheshire.coordinator.core.EpochRules;
import io.cheshire.coordinator.core.LoadRules;
import io.cheshire.coordinator.core.MemberRules;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.core.Rebalancing;
import io.cheshire.coordinator.core.ReplicaRules;
import io.cheshire.coordinator.protocol.ModelIdentity;
import java.time.Duration;

/**
 * The settings under {@code cheshire.coordinator}; what each means and why it has its default is in {@code reference.conf}.
 *
 * @param clusterName name of the cluster, from {@code cheshire.cluster.name}
 */
public record CoordinatorConfig(
        String clusterName,
        int expectedNodes,
        int maxNodes,
        int maxRouters,
        Duration formationTimeout,
        Duration recovery,
        Duration loadTimeout,
        Duration loadRetryMin,
        Duration loadRetryMax,
        Duration leaveTimeout,
        Duration republishInterval,
        Duration liveWindow,
        Duration tickInterval,
        int eventLimit,
        int refreshLimit,
        Duration refreshTimeoutMax,
        int peerRate,
        int peerBurst,
        int peerLimit,
        int replicas,
        int openLoads,
        Duration publishInterval,
        Duration silentAfter,
        Duration hintWindow,
        Duration rescueHold,
        Duration rescueWait,
        Duration restoreAfter,
        int epochBurst,
        Duration epochInterval,
        Duration scrubInterval,
        Duration scrubTimeout,
        BalanceConfig balance) {
    /** What {@code cheshire.coordinator.replicas = auto} means where every node has memory of its own. */
    private static final int REPLICAS = 2;

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException names every wrong value with its key and its range
     */
    public static CoordinatorConfig from(final Config config) {
        final ConfigReader reader = new ConfigReader(config, "cheshire.coordinator");
        final CoordinatorConfig result = new CoordinatorConfig(
                new ConfigReader(config, "cheshire.cluster", reader.problems()).text("name"),
                reader.number("expected-nodes", 1, 4096),
                reader.number("max-nodes", 1, 4096),
                reader.number("max-routers", 1, 4096),
                reader.duration("formation-timeout", Duration.ofMillis(1), Duration.ofDays(1)),
                reader.duration("recovery", Duration.ZERO, Duration.ofHours(1)),
                reader.duration("load-timeout", Duration.ofMillis(1), Duration.ofDays(1)),
                reader.duration("load-retry-min", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("load-retry-max", Duration.ofMillis(1), Duration.ofDays(1)),
                reader.duration("leave-timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("republish-interval", Duration.ofMillis(10), Duration.ofHours(1)),
                reader.duration("live-window", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("tick-interval", Duration.ofMillis(1), Duration.ofMinutes(1)),
                reader.number("event-limit", 1, 100_000),
                reader.number("refresh-limit", 1, 1024),
                reader.duration("refresh-timeout-max", Duration.ofMillis(1), Duration.ofMinutes(5)),
                reader.number("peer-rate", 1, 1_000_000),
                reader.number("peer-burst", 1, 1_000_000),
                reader.number("peer-limit", 1, 1_000_000),
                reader.numberOrAuto("replicas", 1, 4096, REPLICAS),
                reader.number("open-loads", 1, 65_536),
                reader.duration("publish-interval", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("silent-after", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("hint-window", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("rescue-hold", Duration.ZERO, Duration.ofDays(1)),
                reader.duration("rescue-wait", Duration.ZERO, Duration.ofHours(1)),
                reader.duration("restore-after", Duration.ZERO, Duration.ofHours(1)),
                reader.number("epoch-burst", 1, 1000),
                reader.duration("epoch-interval", Duration.ofMillis(1), Duration.ofHours(1)),
                reader.duration("scrub.interval", Duration.ZERO, Duration.ofDays(1)),
                reader.duration("scrub.timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                BalanceConfig.from(config, reader.problems()));
        reader.require(
                result.expectedNodes <= result.maxNodes,
                "cheshire.coordinator.expected-nodes (" + result.expectedNodes
                        + ") must not exceed cheshire.coordinator.max-nodes (" + result.maxNodes + ")");
        reader.require(
                result.loadRetryMin.compareTo(result.loadRetryMax) <= 0,
                "cheshire.coordinator.load-retry-min (" + result.loadRetryMin.toMillis()
                        + " ms) must not exceed cheshire.coordinator.load-retry-max (" + result.loadRetryMax.toMillis()
                        + " ms)");
        final Duration reports = reader.duration("report-interval", Duration.ofMillis(10), Duration.ofMinutes(1));
        // A member is heard of once in that time: what is shorter would take every one of them for gone between two
        // reports.
        requireLonger(reader, "live-window", result.liveWindow, "report-interval", reports);
        requireLonger(reader, "silent-after", result.silentAfter, "report-interval", reports);
        reader.throwIfProblems();
        return result;
    }

    private static void requireLonger(
            final ConfigReader reader,
            final String key,
            final Duration value,
            final String thanKey,
            final Duration than) {
        reader.require(
                value.compareTo(than.multipliedBy(2)) >= 0,
                "cheshire.coordinator." + key + " (" + value.toMillis()
                        + " ms) must be at least twice cheshire.coordinator." + thanKey + " (" + than.toMillis()
                        + " ms)");
    }

    /** What the placement machine goes by. */
    public PlacementRules rules(final ModelIdentity model, final long publisher) {
        return new PlacementRules(
                clusterName,
                model,
                publisher,
                new MemberRules(
                        expectedNodes,
                        maxNodes,
                        maxRouters,
                        formationTimeout.toNanos(),
                        recovery.toNanos(),
                        leaveTimeout.toNanos(),
                        liveWindow.toNanos(),
                        silentAfter.toNanos()),
                new LoadRules(openLoads, loadTimeout.toNanos(), loadRetryMin.toNanos(), loadRetryMax.toNanos()),
                new ReplicaRules(
                        replicas,
                        hintWindow.toNanos(),
                        rescueHold.toNanos(),
                        rescueWait.toNanos(),
                        restoreAfter.toNanos()),
                new EpochRules(
                        republishInterval.toNanos(), publishInterval.toNanos(), epochBurst, epochInterval.toNanos()),
                scrubTimeout.toNanos());
    }

    /** What the coordinator's life goes by, around what the placement machine does. */
    public CoordinatorRules lifeRules(final PlacementRules placement) {
        return new CoordinatorRules(
                placement,
                peerRate,
                peerBurst,
                peerLimit,
                refreshLimit,
                refreshTimeoutMax.toNanos(),
                tickInterval.toNanos());
    }

    /** Decides whether units of the model should move. */
    public Rebalancing rebalancing(final ModelIdentity model) {
        return new Balancing(balance, model);
    }
}
