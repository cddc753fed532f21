package io.cheshire.helm;

import com.typesafe.config.Config;
import java.util.Set;

/**
 * Settings that the chart writes and the product doesn't have yet. Whoever adds one takes it off this list: a test says
 * so. Until the list is empty a pod of the chart doesn't start.
 */
final class Awaited {
    static final Set<String> SETTINGS = Set.of();

    private Awaited() {}

    /** Settings less those that are awaited. */
    static Config without(final Config config) {
        Config rest = config;
        for (final String key : SETTINGS) {
            rest = rest.withoutPath(key);
        }
        return rest;
    }
}
