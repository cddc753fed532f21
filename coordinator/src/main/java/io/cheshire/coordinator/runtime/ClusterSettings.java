package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.HashMap;
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
        final Map<String, Object> pekko = new HashMap<>();
        pekko.put("actor.provider", "cluster");
        pekko.put("remote.artery.canonical.hostname", cluster.address().host());
        pekko.put("remote.artery.canonical.port", cluster.address().port());
        if (!cluster.address().bindHost().isEmpty()) {
            pekko.put("remote.artery.bind.hostname", cluster.address().bindHost());
        }
        if (cluster.address().bindPort() >= 0) {
            pekko.put("remote.artery.bind.port", cluster.address().bindPort());
        }
        pekko.put("actor.default-dispatcher.nice", cluster.nice());
        pekko.put("actor.internal-dispatcher.nice", cluster.nice());
        pekko.put("cluster.roles", List.of(role.role()));
        pekko.put(
                "cluster.seed-nodes",
                seeds(cluster).stream().map(ClusterSettings::uri).toList());
        if (cluster.isFounder()) {
            pekko.put("cluster.seed-node-timeout", cluster.founding().after().toMillis() + " ms");
        }
        return ConfigFactory.parseMap(pekko)
                .atPath("pekko")
                .withFallback(cluster.authenticated() ? PeerAuthentication.TLS : ConfigFactory.empty())
                .withFallback(common(cluster))
                .resolve();
    }

    /** In Pekko only the first of a process's own list starts a cluster: who may not doesn't stand first. */
    private static List<String> seeds(final ClusterConfig cluster) {
        final List<String> seeds = cluster.founding().seeds();
        if (cluster.founding().allowed() || !cluster.isFirstSeed()) {
            return seeds;
        }
        final List<String> othersFirst = new ArrayList<>(seeds.subList(1, seeds.size()));
        othersFirst.add(seeds.getFirst());
        return othersFirst;
    }

    /** Address in the control plane of the process at {@code host:port}. */
    static String uri(final String hostAndPort) {
        return "pekko://cheshire@" + hostAndPort;
    }

    private static Config common(final ClusterConfig cluster) {
        return cluster.pekko().getConfig(ClusterConfig.PEKKO).atPath("pekko").withFallback(cluster.pekko());
    }
}
