package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.link.LinkRules;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The settings under {@code cheshire.cluster} and {@code cheshire.pekko}; reasons are in {@code reference.conf}.
 *
 * @param name                 of the cluster
 * @param address              where others reach this process, and where it listens
 * @param founding             whom it joins, and whether it may start a cluster
 * @param authenticated        peers must show that they know the secret
 * @param acquaintanceInterval between questions whether this process is known
 * @param strangerAfter        a process that all have denied for so long ends
 * @param nice                 of the threads that work for the cluster's messages
 * @param shutdownTimeout      an orderly leave takes at most so long
 * @param pekko                what Pekko reads: its own settings, under {@code pekko}, and all others
 */
public record ClusterConfig(
        String name,
        Address address,
        Founding founding,
        boolean authenticated,
        Duration acquaintanceInterval,
        Duration strangerAfter,
        int nice,
        Duration shutdownTimeout,
        Config pekko) {
    private static final String SECTION = "cheshire.cluster";

    /** For commands that have a flag for it. */
    public static final String HOST = SECTION + ".host";

    public static final String PORT = SECTION + ".port";
    public static final String BIND_HOST = SECTION + ".bind-host";
    static final String RESOLVE_TIMEOUT = SECTION + ".resolve-timeout";
    static final String FOUND_AFTER = SECTION + ".found-after";
    public static final String SEEDS = SECTION + ".seeds";
    public static final String NICE = SECTION + ".nice";

    /** The section that stands for Pekko's own. */
    static final String PEKKO = "cheshire.pekko";

    private static final Pattern HOST_AND_PORT = Pattern.compile("[^\\s:/@]+:([1-9][0-9]{0,4})");
    private static final int MAX_PORT = 65_535;
    private static final int SAME_PORT = -1;
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MOST = Duration.ofDays(1);

    /**
     * Where others reach a process, and where it listens.
     *
     * @param host           under which the others reach it
     * @param port           0 for any free one
     * @param bindHost       on which it listens; empty: what {@code host} means
     * @param bindPort       likewise; -1: the same as {@code port}
     * @param resolveTimeout how long a {@code host} that nobody knows yet is waited for
     */
    public record Address(String host, int port, String bindHost, int bindPort, Duration resolveTimeout) {
        private static Address from(final SettingReader cluster) {
            return new Address(
                    cluster.text("host"),
                    cluster.number("port", 0, MAX_PORT),
                    cluster.textOrEmpty("bind-host"),
                    cluster.numberOrAuto("bind-port", 0, MAX_PORT, SAME_PORT),
                    cluster.duration("resolve-timeout", Duration.ZERO, MOST));
        }

        /** Where it listens. */
        String listener() {
            return bindHost.isEmpty() ? host : bindHost;
        }

        /** The same with the port, and the settings that say so. */
        String described() {
            return listener() + ":" + (bindPort == SAME_PORT ? port : bindPort)
                    + (bindHost.isEmpty() && bindPort == SAME_PORT
                            ? " (" + HOST + " and .port)"
                            : " (" + BIND_HOST + " and .bind-port; others reach it at " + this + ")");
        }

        /** As it stands in lists of seeds. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * How a cluster comes to be.
     *
     * @param seeds   {@code host:port} of the processes to join first
     * @param allowed this process may start one where it stands first among the seeds
     * @param after   how long it waits for the others' answers before it does
     */
    public record Founding(List<String> seeds, boolean allowed, Duration after) {
        public Founding {
            seeds = List.copyOf(seeds);
        }

        private static Founding from(final SettingReader cluster) {
            final Map<String, Boolean> words = new LinkedHashMap<>();
            words.put("first-seed", true);
            words.put("never", false);
            return new Founding(
                    seedsIn(cluster), cluster.choice("found", words), cluster.duration("found-after", LEAST, MOST));
        }
    }

    /** Reads them for a process that is the whole cluster. */
    static ClusterConfig alone(final SettingReader root) {
        final SettingReader cluster = root.section(SECTION);
        cluster.flag("insecure");
        return new ClusterConfig(
                name(root),
                Address.from(cluster),
                Founding.from(cluster),
                tls(cluster) && hasSecret(root),
                cluster.duration("acquaintance-interval", LEAST, MOST),
                cluster.duration("stranger-after", LEAST, MOST),
                cluster.number("nice", 0, ThreadNice.MAX),
                cluster.duration("shutdown-timeout", LEAST, MOST),
                root.whole());
    }

    /** The same for a process that forms a cluster with others. */
    static ClusterConfig joining(final SettingReader root) {
        final ClusterConfig config = alone(root);
        final SettingReader cluster = root.section(SECTION);
        cluster.require(
                !config.founding.seeds.isEmpty(),
                "seeds",
                "must list \"host:port\" of the processes to join first, the coordinators");
        cluster.require(
                config.founding.allowed || !config.founding.seeds.equals(List.of(config.address.toString())),
                "found",
                "needs further " + cluster.key("seeds") + " to join: this process itself is the only one");
        LinkRules.secret(root);
        PeerAuthentication.check(cluster, config, hasSecret(root));
        return config;
    }

    /** Whether this process is the one that starts the cluster, where there is none. */
    boolean isFounder() {
        return founding.allowed && isFirstSeed();
    }

    /** Whether it stands first among the seeds. */
    boolean isFirstSeed() {
        return !founding.seeds.isEmpty() && founding.seeds.getFirst().equals(address.toString());
    }

    /** The cluster's name. */
    static String name(final SettingReader root) {
        return root.section(SECTION).text("name");
    }

    private static boolean hasSecret(final SettingReader root) {
        return !LinkRules.secretText(root).isEmpty();
    }

    private static boolean tls(final SettingReader cluster) {
        final Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("auto", true);
        words.put("off", false);
        words.put("false", false);
        return cluster.choice("tls", words);
    }

    private static List<String> seedsIn(final SettingReader cluster) {
        final List<String> seeds = cluster.texts("seeds");
        for (final String seed : seeds) {
            final var matcher = HOST_AND_PORT.matcher(seed);
            cluster.require(
                    matcher.matches() && Integer.parseInt(matcher.group(1)) <= MAX_PORT,
                    "seeds",
                    "must have \"host:port\" with a port from 1 to " + MAX_PORT + " for each, unlike \"" + seed + "\"");
        }
        return seeds;
    }
}
