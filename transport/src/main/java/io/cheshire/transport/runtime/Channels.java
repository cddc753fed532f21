package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.ChannelUri;
import io.aeron.Subscription;
import io.aeron.UnavailableImageHandler;
import io.aeron.exceptions.RegistrationException;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/** Aeron channels as Cheshire uses them: shared memory, or UDP to one endpoint. */
public final class Channels {
    /** Shared memory. */
    public static final String IPC = "aeron:ipc";

    private static final String UDP_PREFIX = "aeron:udp?endpoint=";
    private static final Pattern ALLOWED =
            Pattern.compile("aeron:ipc|aeron:udp\\?endpoint=[A-Za-z0-9._\\-\\[\\]:]{1,200}");
    private static final String LOOPBACK = "127.0.0.1";

    private Channels() {}

    /** UDP unicast to the one who listens at {@code host:port}. */
    public static String udp(final String host, final int port) {
        return UDP_PREFIX + host + ":" + port;
    }

    /** Host of a channel's endpoint, as the channel has it; of shared memory the loopback interface. */
    public static String host(final String channel) {
        if (isIpc(requireAllowed(channel))) {
            return LOOPBACK;
        }
        final String address = channel.substring(UDP_PREFIX.length());
        final int colon = address.lastIndexOf(':');
        return colon < 0 ? address : address.substring(0, colon);
    }

    /**
     * The address that {@code host:port} names, looked up now.
     *
     * @throws IllegalArgumentException it isn't of that form
     */
    public static InetSocketAddress address(final String hostAndPort) {
        final int colon = hostAndPort.lastIndexOf(':');
        if (colon < 1 || !isAllowed(UDP_PREFIX + hostAndPort)) {
            throw new IllegalArgumentException("not host:port: " + hostAndPort);
        }
        return new InetSocketAddress(
                hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort, colon + 1, hostAndPort.length(), 10));
    }

    static boolean isIpc(final String channel) {
        return IPC.equals(channel);
    }

    /** Whether a channel that a peer names is one that we open: no other transport, no parameters. */
    static boolean isAllowed(final String channel) {
        return ALLOWED.matcher(channel).matches();
    }

    /** The channel with our settings for sending. */
    static String forPublication(final String channel, final TransportConfig config) {
        final ChannelUri uri = ChannelUri.parse(requireAllowed(channel));
        uri.put("term-length", Integer.toString(config.termBufferBytes()));
        uri.put("mtu", Integer.toString(isIpc(channel) ? config.ipcMtuBytes() : config.udpMtuBytes()));
        uri.put("sparse", "true");
        return uri.toString();
    }

    /**
     * Listens on a channel of this process's own.
     *
     * @param gone told of every image that ends
     * @throws IllegalArgumentException the channel isn't allowed, or its address can't be had
     */
    static Subscription listen(
            final Aeron aeron, final String channel, final int streamId, final UnavailableImageHandler gone) {
        try {
            return aeron.addSubscription(requireAllowed(channel), streamId, image -> {}, gone);
        } catch (final RegistrationException refused) {
            throw new IllegalArgumentException(
                    "the data plane cannot listen on " + channel + ": " + refused.getMessage()
                            + "; stop what listens there, or give another port or an address of this host"
                            + " (cheshire.role.channel, --channel)",
                    refused);
        }
    }

    static String requireAllowed(final String channel) {
        if (!isAllowed(channel)) {
            throw new IllegalArgumentException(
                    "the data plane runs on aeron:ipc or aeron:udp?endpoint=host:port, not on " + channel);
        }
        return channel;
    }
}
