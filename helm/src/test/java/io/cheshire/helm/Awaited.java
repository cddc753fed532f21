package io.cheshire.helm;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import java.util.Set;

/**
 * Settings that the chart writes and the product doesn't have yet. Whoever adds one takes it off this list: a test says
 * so. Until the list is empty a pod of the chart doesn't start.
 */
final class Awaited {
    static final Set<String> SETTINGS = Set.of(
            "cheshire.ops.host",
            "cheshire.ops.port",
            "cheshire.ops.key",
            "cheshire.ops.insecure",
            "cheshire.ops.tls.certificate",
            "cheshire.ops.tls.key",
            "cheshire.cluster.bind-host");

    private Awaited() {}

    /** Settings less those that are awaited. */
    static Config without(final Config config) {
        Config rest = config;
        for (final String key : SETTINGS) {
            rest = rest.withoutPath(key);
        }
        final boolean isEmpty = rest.hasPath("cheshire.ops")
                && rest.getObject("cheshire.ops").values().stream()
                        .allMatch(value -> value instanceof final ConfigObject below && below.isEmpty());
        return isEmpty ? rest.withoutPath("cheshire.ops") : rest;
    }
}
