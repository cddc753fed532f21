package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.CoordinatorRules;
import io.cheshire.coordinator.core.EpochRules;
import io.cheshire.coordinator.core.LoadRules;
import io.cheshire.coordinator.core.MemberRules;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.core.Rebalancing;
import io.cheshire.coordinator.core.ReplicaRules;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.settings.SettingReader;
import io.cheshire.settings.Units;
import java.time.Duration;

/**
 * The settings under {@code cheshire.coordinator}; what each means and why it has its default is in
 * {@code reference.conf}.
 *
 * @param clusterName  name of the cluster, from {@code cheshire.cluster.name}
 * @param members      whom it lets in, and how long it waits for them
 * @param loads        how it has nodes load units
 * @param replicas     how many nodes ought to hold a unit
 * @param epochs       how often it publishes
 * @param scrub        how copies of a unit are compared
 * @param peers        how much members may say
 * @param refreshes    requests for fresh figures
 * @param tickInterval how often it looks for what is overdue
 * @param eventLimit   decisions that it keeps
 * @param balance      moving units by their load
 */
public record CoordinatorConfig(
        String clusterName,
        MemberRules members,
        LoadRules loads,
        ReplicaRules replicas,
        EpochRules epochs,
        ScrubConfig scrub,
        PeerLimits peers,
        RefreshLimits refreshes,
        Duration tickInterval,
        int eventLimit,
        BalanceConfig balance) {
    static final String SECTION = "cheshire.coordinator";

    /** For commands whose processes know how many nodes there are. */
    public static final String EXPECTED_NODES = SECTION + ".expected-nodes";

    public static final String MAX_NODES = SECTION + ".max-nodes";
    public static final String MAX_ROUTERS = SECTION + ".max-routers";

    /** For whom decides what {@code auto} means. */
    public static final String REPLICAS = SECTION + ".replicas";

    private static final Duration LEAST = Duration.ofMillis(1);
    private static final int MOST = 1_000_000;
    private static final int MOST_EVENTS = 100_000;
    private static final int MOST_REFRESHES = 1024;

    /**
     * How copies of a unit are compared.
     *
     * @param interval  one unit every so often; zero: never
     * @param timeoutNs answers are awaited for so long
     */
    public record ScrubConfig(Duration interval, long timeoutNs) {
        private static ScrubConfig from(final SettingReader scrub) {
            return new ScrubConfig(
                    scrub.duration("interval", Duration.ZERO, Duration.ofDays(1)),
                    scrub.durationNs("timeout", LEAST, Duration.ofHours(1)));
        }
    }

    /**
     * How much one member may say: a steady rate and a burst above it.
     *
     * @param rate  messages a second
     * @param burst messages
     * @param limit members whose rate is remembered
     */
    public record PeerLimits(int rate, int burst, int limit) {
        private static PeerLimits from(final SettingReader coordinator) {
            return new PeerLimits(
                    coordinator.number("peer-rate", 1, MOST),
                    coordinator.number("peer-burst", 1, MOST),
                    coordinator.number("peer-limit", 1, MOST));
        }
    }

    /**
     * Requests for fresh figures.
     *
     * @param limit      that may wait at once
     * @param timeoutMax longest time that one may wait
     */
    public record RefreshLimits(int limit, Duration timeoutMax) {
        private static RefreshLimits from(final SettingReader coordinator) {
            return new RefreshLimits(
                    coordinator.number("refresh-limit", 1, MOST_REFRESHES),
                    coordinator.duration("refresh-timeout-max", LEAST, Duration.ofMinutes(5)));
        }
    }

    /** Reads {@code cheshire.coordinator} of a whole configuration. */
    public static CoordinatorConfig from(final SettingReader root) {
        final SettingReader coordinator = root.section(SECTION);
        final CoordinatorConfig config = new CoordinatorConfig(
                ClusterConfig.name(root),
                MemberRules.from(coordinator),
                LoadRules.from(coordinator),
                ReplicaRules.from(coordinator),
                EpochRules.from(coordinator),
                ScrubConfig.from(coordinator.section("scrub")),
                PeerLimits.from(coordinator),
                RefreshLimits.from(coordinator),
                coordinator.duration("tick-interval", LEAST, Duration.ofMinutes(1)),
                coordinator.number("event-limit", 1, MOST_EVENTS),
                BalanceConfig.from(coordinator.section("balance")));
        // A member is heard of once in that time: what is shorter would take every one of them for gone between two
        // reports.
        final long reportNs = MemberConfig.reportInterval(root).toNanos();
        requireTwoReports(coordinator, "live-window", config.members.liveWindowNs(), reportNs);
        requireTwoReports(coordinator, "silent-after", config.members.silentNs(), reportNs);
        return config;
    }

    /** The most expert nodes that a cluster of this configuration has. */
    public static int maxNodes(final SettingReader root) {
        return MemberRules.maxNodes(root.section(SECTION));
    }

    /** Reads the most routers of a whole configuration. */
    public static int maxRouters(final SettingReader root) {
        return MemberRules.maxRouters(root.section(SECTION));
    }

    private static void requireTwoReports(
            final SettingReader coordinator, final String name, final long valueNs, final long reportNs) {
        coordinator.require(
                valueNs >= 2 * reportNs,
                name,
                "must be at least twice " + coordinator.key(MemberConfig.REPORT_INTERVAL) + " (" + Units.time(reportNs)
                        + ")");
    }

    /** What the placement machine goes by. */
    public PlacementRules rules(final PlacedModel model, final long publisher) {
        return new PlacementRules(clusterName, model, publisher, members, loads, replicas, epochs, scrub.timeoutNs);
    }

    /** What the coordinator's life goes by, around what the placement machine does. */
    public CoordinatorRules lifeRules(final PlacementRules placement) {
        return new CoordinatorRules(
                placement,
                peers.rate(),
                peers.burst(),
                peers.limit(),
                refreshes.limit(),
                refreshes.timeoutMax().toNanos(),
                tickInterval.toNanos());
    }

    /** Decides whether units of the model should move. */
    public Rebalancing rebalancing(final PlacedModel model) {
        return new Balancing(balance, model);
    }
}
