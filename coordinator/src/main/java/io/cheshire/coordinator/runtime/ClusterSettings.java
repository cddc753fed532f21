package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;

/** Translates {@code cheshire.cluster} and {@code cheshire.pekko} into Pekko's settings. */
final class ClusterSettings {
    private ClusterSettings() {}

    /** A system without network: nothing listens, and start-up waits for nobody. */
    static Config local(final ClusterConfig cluster) {
        return ConfigFactory.parseString("pekko.actor.provider = local")
                .withFallback(common(cluster))
                .resolve();
    }

    /** A system that joins the seeds. */
    static Config joining(final ClusterRole role, final ClusterConfig cluster) {
        return ConfigFactory.parseMap(Map.of(
                        "pekko.actor.provider",
                        "cluster",
                        "pekko.remote.artery.canonical.hostname",
                        cluster.host(),
                        "pekko.remote.artery.canonical.port",
                        cluster.port(),
                        "pekko.actor.default-dispatcher.nice",
                        cluster.nice(),
                        "pekko.actor.internal-dispatcher.nice",
                        cluster.nice(),
                        "pekko.cluster.roles",
                        ConfigValueFactory.fromIterable(List.of(role.role())),
                        "pekko.cluster.seed-nodes",
                        ConfigValueFactory.fromIterable(cluster.seeds().stream()
                                .map(ClusterSettings::uri)
                                .toList())))
                .withFallback(cluster.authenticated() ? PeerAuthentication.TLS : ConfigFactory.empty())
                .withFallback(common(cluster))
                .resolve();
    }

    /** Address in the control plane of the process at {@code host:port}. */
    static String uri(final String hostAndPort) {
        return "pekko://cheshire@" + hostAndPort;
    }

    private static Config common(final ClusterConfig cluster) {
        return cluster.pekko().getConfig(ClusterConfig.PEKKO).atPath("pekko").withFallback(cluster.pekko());
    }
}
