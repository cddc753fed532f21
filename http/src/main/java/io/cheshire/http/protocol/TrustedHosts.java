package io.cheshire.http.protocol;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Under which names a listener answers. A page in a browser reaches a server on loopback by a name of its own whose
 * address it changes afterwards (DNS rebinding); the browser then takes both for one origin and lets the page read
 * replies. It can't change the name it says in {@code Host}, so the name is what is checked. Immutable.
 */
public final class TrustedHosts {
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> configured = new HashSet<>();
    private final Set<String> names = new HashSet<>(LOOPBACK_NAMES);
    private final boolean isLoopback;

    /**
     * Names of one listener.
     *
     * @param isLoopback it can be reached from this host only: nothing but loopback's names and the configured ones is
     *                   answered. Any other listener has keys, and checks names only where some are configured
     * @param own        the listener's own address as configured
     * @param allowed    names beside, without ports
     */
    public TrustedHosts(final boolean isLoopback, final String own, final Collection<String> allowed) {
        this.isLoopback = isLoopback;
        names.add(normal(own));
        for (final String name : allowed) {
            configured.add(normal(name));
        }
        names.addAll(configured);
    }

    /** What {@code authority} (a name or address with or without a port) names is answered. */
    public boolean allows(final String authority) {
        if (!isLoopback && configured.isEmpty()) {
            return true;
        }
        final String host = normal(hostOf(authority));
        // Addresses can't be rebound, and health checks of a network call by them.
        return names.contains(host) || (!isLoopback && isAddress(host));
    }

    /**
     * A page of {@code origin} is this server's own, or of a configured name.
     *
     * @param origin    as in the header of that name
     * @param authority under which the server was asked
     */
    public boolean isOwn(final String origin, final String authority) {
        final int scheme = origin.indexOf("://");
        if (scheme < 0) {
            return false;
        }
        final String from = origin.substring(scheme + 3);
        return from.equalsIgnoreCase(authority) || configured.contains(normal(hostOf(from)));
    }

    /** Without the port. */
    public static String hostOf(final String authority) {
        final int colon =
                authority.startsWith("[") ? authority.indexOf(':', authority.indexOf(']') + 1) : authority.indexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    private static boolean isAddress(final String host) {
        return host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static String normal(final String host) {
        final String lower = host.toLowerCase(Locale.ROOT);
        final String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name;
    }
}
