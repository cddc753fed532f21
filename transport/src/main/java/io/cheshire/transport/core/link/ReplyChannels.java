package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.Channels;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a Hello that nobody signed may be answered: only where it came from. Else anybody could have a node look up
 * names, which holds up all channels of its driver, and send frames to third parties. Looks nothing up itself.
 */
final class ReplyChannels {
    private static final Pattern HOST_AND_PORT = Pattern.compile("(.+):(\\d{1,5})");
    private static final Pattern ENDPOINT = Pattern.compile("aeron:udp\\?endpoint=(.+:\\d{1,5})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*");

    private ReplyChannels() {}

    /**
     * The channel to answer on, or null for none: the one that was asked for where its host is the sender's address;
     * where its host is a name, the sender's address takes its place. Over shared memory only those come who may write
     * our files, and may as well choose; and who is on this host may be answered there.
     *
     * @param asked          in the Hello
     * @param ownChannel     on which the Hello came
     * @param sourceIdentity of its image, {@code address:port} over UDP
     */
    static @Nullable String toSender(final String asked, final String ownChannel, final String sourceIdentity) {
        if (Channels.isIpc(ownChannel)) {
            return asked;
        }
        final Matcher source = HOST_AND_PORT.matcher(sourceIdentity);
        final InetAddress sender = source.matches() ? literal(source.group(1)) : null;
        if (sender == null) {
            return null;
        }
        if (Channels.isIpc(asked)) {
            return sender.isLoopbackAddress() ? asked : null;
        }
        final Matcher endpoint = ENDPOINT.matcher(asked);
        if (!endpoint.matches()) {
            return null;
        }
        final Matcher reply = HOST_AND_PORT.matcher(endpoint.group(1));
        if (!reply.matches()) {
            return null;
        }
        final InetAddress named = literal(reply.group(1));
        if (named != null) {
            return named.equals(sender) ? asked : null;
        }
        return NAME.matcher(reply.group(1)).matches()
                ? Channels.udp(source.group(1), Integer.parseInt(reply.group(2)))
                : null;
    }

    private static @Nullable InetAddress literal(final String host) {
        final boolean bracketed = host.startsWith("[") && host.endsWith("]");
        try {
            return InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host);
        } catch (final IllegalArgumentException name) {
            return null;
        }
    }
}
