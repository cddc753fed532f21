package io.cheshire.http.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where one of the listeners listens, and how people reach it.
 *
 * @param setting of which {@code .host} and {@code .port} come, for errors
 * @param flag    that sets the port
 * @param host    address or name of this host
 * @param port    0 for any free one
 */
public record ListenAddress(String setting, String flag, String host, int port) {
    static final int MAX_PORT = 65_535;

    public ListenAddress {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    setting + ".port = " + port + ": must be 0 (any free port) to " + MAX_PORT);
        }
    }

    /** The same on another port. */
    public ListenAddress withPort(final int other) {
        return new ListenAddress(setting, flag, host, other);
    }

    /** Only this host reaches it. A name that can't be resolved is taken for the network's. */
    public boolean isLoopback() {
        final InetAddress address = new InetSocketAddress(host, 0).getAddress();
        return address != null && address.isLoopbackAddress();
    }

    /** Refuses to listen for the network, because of {@code reason}, unless {@code insecure} is set. */
    void requireLoopback(final String reason, final String insecure) {
        if (!isLoopback()) {
            throw new IllegalArgumentException(setting + ".host is " + host + ", which the network can reach, and "
                    + reason + ", listen on 127.0.0.1, or say " + insecure + " = true if that is what you want");
        }
    }

    /** As it listens, for logs. */
    String shown(final int boundPort) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + boundPort;
    }

    /**
     * For Armeria.
     *
     * @throws IllegalArgumentException the host is unknown
     */
    InetSocketAddress socketAddress() {
        final InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw refused(new UnknownHostException("no such host"));
        }
        return address;
    }

    /**
     * What a browser on this host is to open: {@code localhost} for loopback and for all addresses, else the address
     * itself.
     *
     * @param boundPort where the listener really is
     */
    public String url(final boolean isTls, final int boundPort) {
        final InetAddress address = new InetSocketAddress(host, 0).getAddress();
        final boolean isLocal = address == null || address.isLoopbackAddress() || address.isAnyLocalAddress();
        final String shown = isLocal ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return (isTls ? "https" : "http") + "://" + shown + ":" + boundPort;
    }

    /**
     * Refuses a port that can't be had, for a launcher whose child would find out a minute later.
     *
     * @throws IllegalArgumentException naming address, setting and remedy
     */
    public void requireFree() {
        if (port == 0) {
            return;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(socketAddress());
        } catch (final IOException taken) {
            throw refused(taken);
        }
    }

    /** Why listening failed, in words: address, setting, reason and remedy. */
    IllegalArgumentException refused(final @Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        final String reason = root == null ? "no reason given" : String.valueOf(root.getMessage());
        return new IllegalArgumentException(
                "cannot listen on " + host + ":" + port + " (" + setting + "): "
                        + reason.substring(reason.lastIndexOf(": ") < 0 ? 0 : reason.lastIndexOf(": ") + 2)
                        + "; stop what listens there, or give another port (" + flag + ", 0 takes a free one) or an"
                        + " address of this host (" + setting + ".host)",
                cause);
    }
}
