package io.cheshire.ops.core.doctor;

import static io.cheshire.ops.core.doctor.Finding.fail;
import static io.cheshire.ops.core.doctor.Finding.ok;
import static io.cheshire.ops.core.doctor.Finding.warn;

import io.cheshire.ops.core.doctor.NetworkFacts.Endpoint;
import io.cheshire.ops.core.doctor.NetworkFacts.Resolved;
import java.util.List;
import java.util.stream.Collectors;

/** Rules for names and ports. */
final class NetworkJudge {
    private NetworkJudge() {}

    static Finding loopback(final NetworkFacts network) {
        final String found = "localhost is " + text(network.loopback());
        return !network.loopback().isEmpty() && network.loopback().stream().allMatch(Resolved::isLoopback)
                ? ok("loopback", found)
                : fail("loopback", found, "/etc/hosts should have: 127.0.0.1 localhost");
    }

    /** Matters only where others have to find this host by its name. */
    static Finding hostName(final NetworkFacts network, final Needs needs) {
        final String found = network.hostName() + " is " + text(network.ownHost());
        if (!needs.usesCluster()) {
            return ok("host name", found);
        }
        if (network.ownHost().isEmpty()) {
            return warn("host name", found, "give the cluster an address: --cluster-host, and the host of --channel");
        }
        return network.ownHost().stream().allMatch(Resolved::isLoopback)
                ? warn(
                        "host name",
                        found + ", which other hosts can't reach",
                        "don't give this name to --cluster-host or --channel, but an address; or mend /etc/hosts")
                : ok("host name", found);
    }

    /** One for all that are free, and one for each that isn't. */
    static List<Finding> ports(final NetworkFacts network) {
        final List<Finding> bad = network.endpoints().stream()
                .filter(endpoint -> endpoint.state() != NetworkFacts.Listening.FREE)
                .map(NetworkJudge::port)
                .toList();
        if (!bad.isEmpty()) {
            return bad;
        }
        return List.of(ok(
                "ports",
                network.endpoints().isEmpty()
                        ? "whichever are free"
                        : network.endpoints().stream()
                                        .map(endpoint -> endpoint.protocol() + " " + endpoint.address())
                                        .collect(Collectors.joining(", "))
                                + " free"));
    }

    private static Finding port(final Endpoint endpoint) {
        final String found = endpoint.protocol() + " " + endpoint.address();
        return switch (endpoint.state()) {
            case FREE -> ok("ports", found + " free");
            case TAKEN ->
                fail(
                        "ports",
                        found + " is taken",
                        "end what listens there (ss -lntup), or change " + endpoint.setting());
            case NOT_OURS ->
                fail(
                        "ports",
                        found + " is no address of this host",
                        "change " + endpoint.setting() + " to one of its own");
            case UNRESOLVED ->
                fail("ports", found + " can't be resolved", "mend DNS or /etc/hosts, or change " + endpoint.setting());
            case REFUSED ->
                fail("ports", found + ": " + endpoint.reason(), "change " + endpoint.setting() + ", or the rights");
        };
    }

    private static String text(final List<Resolved> addresses) {
        return addresses.isEmpty()
                ? "unknown"
                : addresses.stream().map(Resolved::address).collect(Collectors.joining(", "));
    }
}
