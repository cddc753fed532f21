package io.cheshire.ops.runtime.doctor;

import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.http.runtime.ListenAddress;
import io.cheshire.ops.core.doctor.NetworkFacts;
import io.cheshire.ops.core.doctor.NetworkFacts.Endpoint;
import io.cheshire.ops.core.doctor.NetworkFacts.Listening;
import io.cheshire.ops.core.doctor.NetworkFacts.Resolved;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.transport.protocol.Channels;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Resolves names, and tries to listen where the configuration does: nothing is ever answered there. */
final class NetworkProbe {
    private static final String TCP = "TCP";
    private static final String UDP = "UDP";

    private NetworkProbe() {}

    /**
     * Looks.
     *
     * @param isMember whether others join or are joined
     * @param isNode   an expert node has no API
     */
    static NetworkFacts find(final ProcessConfig config, final boolean isMember, final boolean isNode) {
        final List<Endpoint> endpoints = new ArrayList<>();
        if (!isNode) {
            endpoints.add(listener(config.edge().api().api()));
        }
        endpoints.add(listener(config.edge().ops().listen()));
        if (isMember) {
            endpoints.add(endpoint(
                    ClusterConfig.PORT + " (--cluster-port)",
                    TCP,
                    config.control().cluster().address().host(),
                    config.control().cluster().address().port()));
        }
        final String channel = config.role().channel();
        if (!Channels.isIpc(channel) && Channels.isAllowed(channel)) {
            endpoints.add(endpoint(
                    RoleConfig.CHANNEL + " (--channel)",
                    UDP,
                    Channels.host(channel).replaceAll("[\\[\\]]", ""),
                    port(channel)));
        }
        final String hostName = hostName();
        return new NetworkFacts(
                resolved("localhost"),
                hostName,
                hostName.isEmpty() ? List.of() : resolved(hostName),
                endpoints.stream().filter(one -> !one.address().endsWith(":0")).toList());
    }

    private static Endpoint listener(final ListenAddress address) {
        return endpoint(address.setting() + ".port (" + address.flag() + ")", TCP, address.host(), address.port());
    }

    private static int port(final String channel) {
        final String digits = channel.substring(channel.lastIndexOf(':') + 1);
        return digits.matches("\\d{1,5}") ? Math.min(Integer.parseInt(digits), 65_535) : 0;
    }

    private static Endpoint endpoint(final String setting, final String protocol, final String host, final int port) {
        final String address = host + ":" + port;
        final InetSocketAddress socket = new InetSocketAddress(host, port);
        final InetAddress resolved = socket.getAddress();
        if (resolved == null) {
            return new Endpoint(setting, address, protocol, Listening.UNRESOLVED, "unknown host");
        }
        try {
            if (!resolved.isAnyLocalAddress()
                    && !resolved.isLoopbackAddress()
                    && NetworkInterface.getByInetAddress(resolved) == null) {
                return new Endpoint(setting, address, protocol, Listening.NOT_OURS, "no interface has it");
            }
            listen(protocol, socket);
            return new Endpoint(setting, address, protocol, Listening.FREE, "");
        } catch (final IOException refused) {
            final String reason = String.valueOf(refused.getMessage());
            final Listening state = reason.toLowerCase(Locale.ROOT).contains("in use")
                    ? Listening.TAKEN
                    : reason.toLowerCase(Locale.ROOT).contains("assign") ? Listening.NOT_OURS : Listening.REFUSED;
            return new Endpoint(setting, address, protocol, state, reason);
        }
    }

    private static void listen(final String protocol, final InetSocketAddress address) throws IOException {
        if (protocol.equals(UDP)) {
            new DatagramSocket(address).close();
        } else {
            try (ServerSocket socket = new ServerSocket()) {
                // As listeners of this product do: what an ended process left behind isn't taken.
                socket.setReuseAddress(true);
                socket.bind(address, 1);
            }
        }
    }

    private static List<Resolved> resolved(final String name) {
        try {
            return Stream.of(InetAddress.getAllByName(name))
                    .map(address -> new Resolved(address.getHostAddress(), address.isLoopbackAddress()))
                    .toList();
        } catch (final UnknownHostException unknown) {
            return List.of();
        }
    }

    private static String hostName() {
        final String kernels = new SystemFiles(java.nio.file.Path.of("/")).text("proc/sys/kernel/hostname");
        if (!kernels.isEmpty()) {
            return kernels;
        }
        final @Nullable String shells = System.getenv("HOSTNAME");
        return shells == null ? "" : shells;
    }
}
