package io.cheshire.transport.runtime;

import com.typesafe.config.Config;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameLimits;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@code cheshire.transport}; units, defaults and reasons stand in this module's {@code reference.conf}.
 */
public record TransportConfig(
        @Nullable ClusterSecret secret,
        int windowRows,
        int maxRouters,
        long heartbeatIntervalNs,
        long suspectAfterNs,
        boolean lifelines,
        long peerTimeoutNs,
        long helloIntervalNs,
        long connectTimeoutNs,
        long reconnectIntervalNs,
        long sendTimeoutNs,
        long partialTimeoutNs,
        int pollLimit,
        int maxFrameBytes,
        int termBufferBytes,
        int ipcMtuBytes,
        int udpMtuBytes,
        boolean ipcChecksum,
        boolean udpChecksum,
        Idle idle,
        DriverMode driverMode,
        String driverDirectory,
        long clientLivenessTimeoutNs,
        long driverTimeoutNs,
        double lossRate,
        long lossSeed) {
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
        if (windowRows < 1 || windowRows > 1 << 20 || maxRouters < 1 || maxRouters > 1024 || pollLimit < 1) {
            throw new IllegalArgumentException(
                    "cheshire.transport: window-rows must be in 1..1048576, max-routers in 1..1024, poll-limit positive: "
                            + windowRows + ", " + maxRouters + ", " + pollLimit);
        }
        if (maxFrameBytes < 1024 || maxFrameBytes > FrameLimits.MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("cheshire.transport.max-frame-bytes must be in 1024.."
                    + FrameLimits.MAX_FRAME_BYTES + ": " + maxFrameBytes);
        }
        if (heartbeatIntervalNs < 1 || peerTimeoutNs < 4 * heartbeatIntervalNs) {
            throw new IllegalArgumentException(
                    "cheshire.transport.peer-timeout must be at least four heartbeat-intervals: " + peerTimeoutNs
                            + " ns, " + heartbeatIntervalNs + " ns");
        }
        if (suspectAfterNs < 4 * heartbeatIntervalNs) {
            throw new IllegalArgumentException(
                    "cheshire.transport.suspect-after must be at least four heartbeat-intervals: " + suspectAfterNs
                            + " ns, " + heartbeatIntervalNs + " ns");
        }
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
        final String secret = config.getString("secret");
        return new TransportConfig(
                secret.isEmpty() ? null : new ClusterSecret(secret),
                config.getInt("window-rows"),
                config.getInt("max-routers"),
                nanos(config, "heartbeat-interval"),
                nanos(config, "suspect-after"),
                config.getBoolean("lifelines"),
                nanos(config, "peer-timeout"),
                nanos(config, "hello-interval"),
                nanos(config, "connect-timeout"),
                nanos(config, "reconnect-interval"),
                nanos(config, "send-timeout"),
                nanos(config, "partial-timeout"),
                config.getInt("poll-limit"),
                config.getInt("max-frame-bytes"),
                config.getInt("term-buffer-bytes"),
                config.getInt("ipc-mtu-bytes"),
                config.getInt("udp-mtu-bytes"),
                config.getBoolean("checksum.ipc"),
                config.getBoolean("checksum.udp"),
                Idle.valueOf(config.getString("idle-strategy").toUpperCase(Locale.ROOT)),
                DriverMode.valueOf(config.getString("driver.mode").toUpperCase(Locale.ROOT)),
                config.getString("driver.directory"),
                nanos(config, "driver.client-liveness-timeout"),
                nanos(config, "driver.driver-timeout"),
                config.getDouble("driver.loss.rate"),
                config.getLong("driver.loss.seed"));
    }

    private static long nanos(final Config config, final String path) {
        return config.getDuration(path, TimeUnit.NANOSECONDS);
    }

    /** Whether frames on this channel carry a checksum. */
    public boolean checksumOn(final String channel) {
        return Channels.isIpc(channel) ? ipcChecksum : udpChecksum;
    }
}
