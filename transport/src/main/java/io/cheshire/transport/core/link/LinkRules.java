package io.cheshire.transport.core.link;

import io.cheshire.settings.SettingReader;
import io.cheshire.settings.Units;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.LinkOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How both ends of a link behave: values of {@code cheshire.transport}, whose defaults and reasons stand in this
 * module's {@code reference.conf}.
 *
 * @param secret              signs handshakes, or null
 * @param frameMac            frames carry MACs
 * @param ipcChecksum         frames over shared memory carry checksums
 * @param udpChecksum         frames over the network do
 * @param windowRows          the most rows of one router that a node holds
 * @param maxRouters          the most routers of one node
 * @param heartbeatIntervalNs between heartbeats, either way
 * @param suspectAfterNs      without an echo
 * @param lifelines           a router holds one to each node that has one
 * @param peerTimeoutNs       without any frame: the peer is gone
 * @param helloIntervalNs     between Hellos
 * @param connectTimeoutNs    for an answer to a Hello, and for the way back to a router
 * @param reconnectIntervalNs before a lost link is tried again
 * @param pollLimit           fragments taken in one duty cycle
 */
public record LinkRules(
        @Nullable ClusterSecret secret,
        boolean frameMac,
        boolean ipcChecksum,
        boolean udpChecksum,
        int windowRows,
        int maxRouters,
        long heartbeatIntervalNs,
        long suspectAfterNs,
        boolean lifelines,
        long peerTimeoutNs,
        long helloIntervalNs,
        long connectTimeoutNs,
        long reconnectIntervalNs,
        int pollLimit) {
    private static final String SECTION = "cheshire.transport";

    /** Where the secret stands, of the data plane and of the control plane. */
    public static final String SECRET = SECTION + ".secret";

    private static final Duration LEAST = Duration.ofNanos(1);
    private static final Duration MOST = Duration.ofDays(1);
    private static final int MAX_WINDOW_ROWS = 1 << 20;
    private static final int MAX_ROUTERS = 1024;
    private static final int HEARTBEATS = 4;

    /** Reads them from a whole configuration. */
    public static LinkRules from(final SettingReader root) {
        final SettingReader transport = root.section(SECTION);
        final ClusterSecret secret = secret(root);
        final LinkRules rules = new LinkRules(
                secret,
                frameMac(transport, secret),
                transport.section("checksum").flag("ipc"),
                transport.section("checksum").flag("udp"),
                transport.number("window-rows", 1, MAX_WINDOW_ROWS),
                maxRouters(root),
                transport.durationNs("heartbeat-interval", LEAST, MOST),
                transport.durationNs("suspect-after", LEAST, MOST),
                transport.flag("lifelines"),
                transport.durationNs("peer-timeout", LEAST, MOST),
                transport.durationNs("hello-interval", LEAST, MOST),
                transport.durationNs("connect-timeout", LEAST, MOST),
                transport.durationNs("reconnect-interval", LEAST, MOST),
                transport.number("poll-limit", 1, Integer.MAX_VALUE));
        requireHeartbeats(transport, "suspect-after", rules.suspectAfterNs, rules.heartbeatIntervalNs);
        requireHeartbeats(transport, "peer-timeout", rules.peerTimeoutNs, rules.heartbeatIntervalNs);
        return rules;
    }

    /** Reads how many routers one node serves from a whole configuration. */
    public static int maxRouters(final SettingReader root) {
        return root.section(SECTION).number("max-routers", 1, MAX_ROUTERS);
    }

    /**
     * Reads the cluster's secret.
     *
     * @param root the whole configuration
     * @return null where there is none
     */
    public static @Nullable ClusterSecret secret(final SettingReader root) {
        final String secret = secretText(root);
        final boolean fits = root.requireOfSecret(
                secret.isEmpty() || secret.length() >= ClusterSecret.MIN_CHARACTERS,
                SECRET,
                "has " + secret.length() + " characters; take at least " + ClusterSecret.MIN_CHARACTERS
                        + ", random ones (CHESHIRE_SECRET), or leave it empty for none");
        return secret.isEmpty() || !fits ? null : new ClusterSecret(secret);
    }

    /** The secret as it stands in the configuration; empty: none. */
    public static String secretText(final SettingReader root) {
        return root.secret(SECRET);
    }

    private static boolean frameMac(final SettingReader transport, final @Nullable ClusterSecret secret) {
        final Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("auto", secret != null);
        words.put("on", true);
        words.put("true", true);
        words.put("yes", true);
        words.put("off", false);
        words.put("false", false);
        words.put("no", false);
        final boolean frameMac = transport.choice("frame-mac", words);
        return frameMac
                && transport.require(
                        secret != null,
                        "frame-mac",
                        "needs " + SECRET + " (CHESHIRE_SECRET), from which the keys are made; set"
                                + " it, or leave this at auto");
    }

    private static void requireHeartbeats(
            final SettingReader transport, final String name, final long valueNs, final long heartbeatNs) {
        transport.require(
                valueNs >= HEARTBEATS * heartbeatNs,
                name,
                "must be at least four times " + transport.key("heartbeat-interval") + " (" + Units.time(heartbeatNs)
                        + ")");
    }

    /**
     * How frames of a link are guarded, by this end's configuration.
     *
     * @param toNode   channel of the node
     * @param toRouter channel of the router
     */
    public LinkOptions linkOptions(final String toNode, final String toRouter) {
        return new LinkOptions(frameMac, checksumOn(toNode), checksumOn(toRouter));
    }

    /** Whether frames on this channel carry a checksum. */
    public boolean checksumOn(final String channel) {
        return Channels.isIpc(channel) ? ipcChecksum : udpChecksum;
    }
}
