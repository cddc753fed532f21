package io.cheshire.transport.runtime;

import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.link.LinkRules;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.FrameLimits;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * The values of {@code cheshire.transport}; units, defaults and reasons stand in this module's {@code reference.conf}.
 *
 * @param links            how both ends of a link behave
 * @param sendTimeoutNs    a router that takes no results for so long is disconnected
 * @param partialTimeoutNs a shard of which a frame is missing for so long is given up
 * @param maxFrameBytes    longest frame where a row doesn't fit into one fragment
 * @param termBufferBytes  Aeron's term buffers
 * @param ipcMtuBytes      largest fragment on shared memory
 * @param udpMtuBytes      largest fragment on the network
 * @param lifelinePort     where a node listens for its routers' lifelines: 0 for any free port; -1 for the number of
 *                         its channel's port
 * @param idle             what the data plane's threads do when there is nothing to do
 * @param driver           whose media driver it is, and how it is run
 */
public record TransportConfig(
        LinkRules links,
        long sendTimeoutNs,
        long partialTimeoutNs,
        int maxFrameBytes,
        int termBufferBytes,
        int ipcMtuBytes,
        int udpMtuBytes,
        int lifelinePort,
        Idle idle,
        DriverConfig driver) {
    /** The section. */
    public static final String SECTION = "cheshire.transport";

    /** For whom decides what {@code auto} means. */
    public static final String FRAME_MAC = SECTION + ".frame-mac";

    public static final String LIFELINES = SECTION + ".lifelines";
    public static final String LIFELINE_PORT = SECTION + ".lifeline-port";
    public static final String DRIVER_MODE = SECTION + ".driver.mode";
    public static final String DRIVER_DIRECTORY = SECTION + ".driver.directory";
    public static final String DRIVER_NAME = SECTION + ".driver.name";

    private static final Duration LEAST = Duration.ofNanos(1);
    private static final Duration MOST = Duration.ofDays(1);
    private static final int MAX_PORT = 65_535;
    private static final int CHANNELS_PORT = -1;
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

    /**
     * The media driver.
     *
     * @param mode                    whose it is
     * @param directory               where its own is made, or which one is used
     * @param name                    of its own in there; empty: one that nobody else has
     * @param clientLivenessTimeoutNs a client that doesn't run for so long is taken for dead
     * @param timeoutNs               so is the driver
     * @param lossRate                part of all UDP packets that are lost on purpose, 0 to less than 1
     * @param lossSeed                what they are drawn from
     */
    public record DriverConfig(
            DriverMode mode,
            String directory,
            String name,
            long clientLivenessTimeoutNs,
            long timeoutNs,
            double lossRate,
            long lossSeed) {
        private static final Pattern NAME = Pattern.compile("(?:[A-Za-z][A-Za-z0-9._-]{0,62})?");

        private static DriverConfig from(final SettingReader driver) {
            final DriverMode mode = driver.choice("mode", DriverMode.class);
            final String directory = driver.textOrEmpty("directory");
            driver.require(
                    mode != DriverMode.EXTERNAL || !directory.isEmpty(),
                    "mode",
                    "needs " + driver.key("directory") + ", the host's media driver's");
            final String name = driver.textOrEmpty("name");
            driver.require(
                    NAME.matcher(name).matches(),
                    "name",
                    "must be a letter and up to 62 letters, digits, dots, dashes or underscores, or be empty");
            driver.require(
                    name.isEmpty() || !directory.isEmpty(),
                    "name",
                    "needs " + driver.key("directory") + ", in which it is looked for, such as /dev/shm");
            final double lossRate = driver.section("loss").real("rate", 0, 1);
            driver.section("loss").require(lossRate < 1, "rate", "must be less than 1");
            return new DriverConfig(
                    mode,
                    directory,
                    name,
                    driver.durationNs("client-liveness-timeout", LEAST, MOST),
                    driver.durationNs("driver-timeout", LEAST, MOST),
                    lossRate,
                    driver.section("loss").longNumber("seed", Long.MIN_VALUE, Long.MAX_VALUE));
        }
    }

    /** Reads {@code cheshire.transport} of a whole configuration. */
    public static TransportConfig from(final SettingReader root) {
        final SettingReader transport = root.section(SECTION);
        final int termBufferBytes = termBufferBytes(transport);
        return new TransportConfig(
                LinkRules.from(root),
                transport.durationNs("send-timeout", LEAST, MOST),
                transport.durationNs("partial-timeout", LEAST, MOST),
                transport.number("max-frame-bytes", 1024, FrameLimits.MAX_FRAME_BYTES),
                termBufferBytes,
                mtuBytes(transport, "ipc-mtu-bytes", termBufferBytes),
                mtuBytes(transport, "udp-mtu-bytes", termBufferBytes),
                transport.numberOrAuto("lifeline-port", 0, MAX_PORT, CHANNELS_PORT),
                transport.choice("idle-strategy", Idle.class),
                DriverConfig.from(transport.section("driver")));
    }

    /** The same with the host's media driver, which has this directory. */
    public TransportConfig onHostDriver(final String directory) {
        final DriverConfig host = new DriverConfig(
                DriverMode.EXTERNAL,
                directory,
                "",
                driver.clientLivenessTimeoutNs,
                driver.timeoutNs,
                driver.lossRate,
                driver.lossSeed);
        return new TransportConfig(
                links,
                sendTimeoutNs,
                partialTimeoutNs,
                maxFrameBytes,
                termBufferBytes,
                ipcMtuBytes,
                udpMtuBytes,
                lifelinePort,
                idle,
                host);
    }

    /** The TCP port of a node's lifelines; 0 for any free one, as over shared memory, where no network must know it. */
    public int lifelinePort(final String channel) {
        return lifelinePort == CHANNELS_PORT ? Channels.port(channel) : lifelinePort;
    }

    private static int termBufferBytes(final SettingReader transport) {
        final int bytes = transport.number("term-buffer-bytes", Integer.MIN_VALUE, Integer.MAX_VALUE);
        final int nearest = Math.clamp(Integer.highestOneBit(Math.max(1, bytes)), MIN_TERM_BYTES, MAX_TERM_BYTES);
        transport.require(
                bytes == nearest,
                "term-buffer-bytes",
                "must be a power of two from " + MIN_TERM_BYTES + " to " + MAX_TERM_BYTES + ", such as " + nearest);
        return nearest;
    }

    private static int mtuBytes(final SettingReader transport, final String name, final int termBufferBytes) {
        final int largest = Math.min(MAX_MTU_BYTES, termBufferBytes / TERMS_EIGHTH);
        final int bytes = transport.number(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
        transport.require(
                bytes >= MIN_MTU_BYTES && bytes <= largest && bytes % MTU_STEP_BYTES == 0,
                name,
                "must be a multiple of " + MTU_STEP_BYTES + " from " + MIN_MTU_BYTES + " to " + largest
                        + ", an eighth of " + transport.key("term-buffer-bytes") + " and no more than "
                        + MAX_MTU_BYTES);
        return bytes;
    }
}
