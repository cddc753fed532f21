package io.cheshire.transport.protocol;

import java.util.regex.Pattern;

/** Aeron channels as Cheshire names them: shared memory, or UDP to one endpoint. */
public final class Channels {
    /** Shared memory. */
    public static final String IPC = "aeron:ipc";

    private static final String UDP_PREFIX = "aeron:udp?endpoint=";
    private static final Pattern ALLOWED =
            Pattern.compile("aeron:ipc|aeron:udp\\?endpoint=[A-Za-z0-9._\\-\\[\\]:]{1,200}");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
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

    /** Port of a channel's endpoint; 0 of shared memory, and where the channel names none. */
    public static int port(final String channel) {
        final int colon = requireAllowed(channel).lastIndexOf(':');
        final String port = channel.substring(colon + 1);
        return isIpc(channel) || !PORT.matcher(port).matches() ? 0 : Integer.parseInt(port);
    }

    /** Whether it is shared memory. */
    public static boolean isIpc(final String channel) {
        return IPC.equals(channel);
    }

    /** Whether a channel that a peer names is one that we open: no other transport, no parameters. */
    public static boolean isAllowed(final String channel) {
        return ALLOWED.matcher(channel).matches();
    }

    /** Whether {@code host:port} is the address of a channel that we open. */
    public static boolean isAddress(final String hostAndPort) {
        return hostAndPort.lastIndexOf(':') > 0 && isAllowed(UDP_PREFIX + hostAndPort);
    }

    /**
     * The channel, if we open such.
     *
     * @throws IllegalArgumentException we don't
     */
    public static String requireAllowed(final String channel) {
        if (!isAllowed(channel)) {
            throw new IllegalArgumentException(
                    "the data plane runs on aeron:ipc or aeron:udp?endpoint=host:port, not on " + channel);
        }
        return channel;
    }
}
