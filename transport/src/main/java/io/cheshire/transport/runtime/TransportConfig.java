package io.cheshire.transport.runtime;

import com.typesafe.config.Config;
import io.cheshire.transport.core.link.LinkRules;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameLimits;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The values of {@code cheshire.transport}; units, defaults and reasons stand in this module's {@code reference.conf}.
 */
public record TransportConfig(
        LinkRules links,
        long sendTimeoutNs,
        long partialTimeoutNs,
        int maxFrameBytes,
        int termBufferBytes,
        int ipcMtuBytes,
        int udpMtuBytes,
        Idle idle,
        DriverMode driverMode,
        String driverDirectory,
        long clientLivenessTimeoutNs,
        long driverTimeoutNs,
        double lossRate,
        long lossSeed) {
    private static final int MIN_TERM_BYTES = 64 * 1024;
    private static final int MAX_TERM_BYTES = 1 << 30;
    /** The handshake's frames are single fragments. */
    private static final int MIN_MTU_BYTES = 1024;

    private static final int MAX_MTU_BYTES = 65504;
    private static final int MTU_STEP_BYTES = 32;
    /** Aeron's longest message is an eighth of a term, and a fragment no longer. */
    private static final int TERMS_EIGHTH = 8;

    /** What a thread does when there is nothing to do. */
    public enum Idle {
        BACKOFF,
        SPIN
    }

    /** Whose media driver carries the frames. */
    public enum DriverMode {
        INVOKER,
        THREAD,
        EXTERNAL
    }

    public TransportConfig {
        if (maxFrameBytes < 1024 || maxFrameBytes > FrameLimits.MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("cheshire.transport.max-frame-bytes must be in 1024.."
                    + FrameLimits.MAX_FRAME_BYTES + ": " + maxFrameBytes);
        }
        if (Integer.bitCount(termBufferBytes) != 1
                || termBufferBytes < MIN_TERM_BYTES
                || termBufferBytes > MAX_TERM_BYTES) {
            throw new IllegalArgumentException("cheshire.transport.term-buffer-bytes is " + termBufferBytes
                    + "; it must be a power of two from " + MIN_TERM_BYTES + " to " + MAX_TERM_BYTES
                    + ", such as " + nearestTermBytes(termBufferBytes));
        }
        requireMtu("ipc-mtu-bytes", ipcMtuBytes, termBufferBytes);
        requireMtu("udp-mtu-bytes", udpMtuBytes, termBufferBytes);
        if (!(lossRate >= 0 && lossRate < 1)) {
            throw new IllegalArgumentException(
                    "cheshire.transport.driver.loss.rate is " + lossRate + "; it must be at least 0 and less than 1");
        }
        if (driverMode == DriverMode.EXTERNAL && driverDirectory.isEmpty()) {
            throw new IllegalArgumentException(
                    "cheshire.transport.driver.mode external needs cheshire.transport.driver.directory");
        }
    }

    /** @param root the whole configuration, {@code cheshire.transport} within */
    public static TransportConfig of(final Config root) {
        final Config config = root.getConfig("cheshire.transport");
        return new TransportConfig(
                linksOf(config),
                nanos(config, "send-timeout"),
                nanos(config, "partial-timeout"),
                config.getInt("max-frame-bytes"),
                config.getInt("term-buffer-bytes"),
                config.getInt("ipc-mtu-bytes"),
                config.getInt("udp-mtu-bytes"),
                Idle.valueOf(config.getString("idle-strategy").toUpperCase(Locale.ROOT)),
                DriverMode.valueOf(config.getString("driver.mode").toUpperCase(Locale.ROOT)),
                config.getString("driver.directory"),
                nanos(config, "driver.client-liveness-timeout"),
                nanos(config, "driver.driver-timeout"),
                config.getDouble("driver.loss.rate"),
                config.getLong("driver.loss.seed"));
    }

    private static LinkRules linksOf(final Config config) {
        final String secret = config.getString("secret");
        return new LinkRules(
                secret.isEmpty() ? null : new ClusterSecret(secret),
                isOn(config.getString("frame-mac"), !secret.isEmpty()),
                config.getBoolean("checksum.ipc"),
                config.getBoolean("checksum.udp"),
                config.getInt("window-rows"),
                config.getInt("max-routers"),
                nanos(config, "heartbeat-interval"),
                nanos(config, "suspect-after"),
                config.getBoolean("lifelines"),
                nanos(config, "peer-timeout"),
                nanos(config, "hello-interval"),
                nanos(config, "connect-timeout"),
                nanos(config, "reconnect-interval"),
                config.getInt("poll-limit"));
    }

    private static int nearestTermBytes(final int bytes) {
        return Math.clamp(Integer.highestOneBit(Math.max(1, bytes)), MIN_TERM_BYTES, MAX_TERM_BYTES);
    }

    private static void requireMtu(final String name, final int bytes, final int termBufferBytes) {
        final int largest = Math.min(MAX_MTU_BYTES, termBufferBytes / TERMS_EIGHTH);
        if (bytes < MIN_MTU_BYTES || bytes > largest || bytes % MTU_STEP_BYTES != 0) {
            throw new IllegalArgumentException("cheshire.transport." + name + " is " + bytes
                    + "; it must be a multiple of " + MTU_STEP_BYTES + " from " + MIN_MTU_BYTES + " to " + largest
                    + ", an eighth of cheshire.transport.term-buffer-bytes and no more than " + MAX_MTU_BYTES);
        }
    }

    private static boolean isOn(final String frameMac, final boolean automatic) {
        return switch (frameMac) {
            case "auto" -> automatic;
            case "on", "true", "yes" -> true;
            case "off", "false", "no" -> false;
            default ->
                throw new IllegalArgumentException(
                        "cheshire.transport.frame-mac is " + frameMac + "; it must be auto, on or off");
        };
    }

    private static long nanos(final Config config, final String path) {
        return config.getDuration(path, TimeUnit.NANOSECONDS);
    }
}
