package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Translates {@code cheshire.cluster} and {@code cheshire.pekko} into Pekko's settings. */
final class ClusterSettings {
    private static final Pattern HOST_AND_PORT = Pattern.compile("[^\\s:/@]+:([1-9][0-9]{0,4})");

    private ClusterSettings() {}

    /** A system without network: nothing listens, and start-up waits for nobody. */
    static Config local(final Config config) {
        return ConfigFactory.parseString("pekko.actor.provider = local")
                .withFallback(common(config))
                .withFallback(config)
                .resolve();
    }

    /** A system that joins the seeds in {@code cheshire.cluster.seeds}. */
    static Config joining(final ClusterRole role, final Config config) {
        final List<String> problems = new ArrayList<>();
        final ConfigReader reader = new ConfigReader(config, "cheshire.cluster", problems);
        final String host = reader.text("host");
        final int port = reader.number("port", 0, 65_535);
        final List<String> seeds = seeds(config, problems);
        final int nice = reader.number("nice", 0, ThreadNice.MAX);
        final boolean authenticated = PeerAuthentication.from(config, host, reader);
        reader.require(
                !seeds.isEmpty(),
                "cheshire.cluster.seeds is empty; list \"host:port\" of the processes to join first, the coordinators");
        reader.throwIfProblems();
        return ConfigFactory.parseMap(Map.of(
                        "pekko.actor.provider",
                        "cluster",
                        "pekko.remote.artery.canonical.hostname",
                        host,
                        "pekko.remote.artery.canonical.port",
                        port,
                        "pekko.actor.default-dispatcher.nice",
                        nice,
                        "pekko.actor.internal-dispatcher.nice",
                        nice,
                        "pekko.cluster.roles",
                        ConfigValueFactory.fromIterable(List.of(role.role())),
                        "pekko.cluster.seed-nodes",
                        ConfigValueFactory.fromIterable(
                                seeds.stream().map(ClusterSettings::uri).toList())))
                .withFallback(authenticated ? PeerAuthentication.TLS : ConfigFactory.empty())
                .withFallback(common(config))
                .withFallback(config)
                .resolve();
    }

    /** Address in the control plane of the process at {@code host:port}. */
    static String uri(final String hostAndPort) {
        return "pekko://cheshire@" + hostAndPort;
    }

    private static Config common(final Config config) {
        return config.getConfig("cheshire.pekko").atPath("pekko");
    }

    private static List<String> seeds(final Config config, final List<String> problems) {
        try {
            final List<String> seeds = config.getStringList("cheshire.cluster.seeds");
            for (final String seed : seeds) {
                final var matcher = HOST_AND_PORT.matcher(seed);
                if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > 65_535) {
                    problems.add("cheshire.cluster.seeds has \"" + seed
                            + "\", but each must be \"host:port\" with a port" + " from 1 to 65535");
                }
            }
            return seeds;
        } catch (final ConfigException e) {
            problems.add("cheshire.cluster.seeds: " + e.getMessage());
            return List.of();
        }
    }
}
