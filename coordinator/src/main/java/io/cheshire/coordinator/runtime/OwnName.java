package io.cheshire.coordinator.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a process's own name is known. Where names are given to processes as they start, as to pods, the first
 * look-ups may come too early; a process whose name stays unknown can be reached by nobody.
 */
final class OwnName {
    private static final Logger LOG = LoggerFactory.getLogger(OwnName.class);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long REMIND_NS = TimeUnit.SECONDS.toNanos(10);

    private final Names names;
    private final LongSupplier nanoClock;
    private final LongConsumer pause;

    /** Looks names up. */
    interface Names {
        InetAddress find(String host) throws UnknownHostException;
    }

    /** @param pause waits so many nanoseconds */
    OwnName(final Names names, final LongSupplier nanoClock, final LongConsumer pause) {
        this.names = names;
        this.nanoClock = nanoClock;
        this.pause = pause;
    }

    /**
     * @param key of the setting that has the name
     * @throws IllegalArgumentException nobody knew it within the limit
     */
    void await(final String host, final String key, final Duration limit) {
        final long startNs = nanoClock.getAsLong();
        long remindNs = startNs;
        for (UnknownHostException unknown = look(host); unknown != null; unknown = look(host)) {
            final long nowNs = nanoClock.getAsLong();
            if (nowNs - startNs >= limit.toNanos()) {
                throw new IllegalArgumentException(
                        "the name " + host + " of this process (" + key + ") means no address, also after "
                                + limit.toSeconds() + " s (" + ClusterConfig.RESOLVE_TIMEOUT + "): " + unknown
                                + "; have it entered where names are looked up (a headless service with"
                                + " publishNotReadyAddresses does so for pods), or give an address instead",
                        unknown);
            }
            if (nowNs - remindNs >= 0) {
                remindNs = nowNs + REMIND_NS;
                LOG.warn(
                        "{} is {}, a name that means no address yet: looked up again for {} s ({})",
                        key,
                        host,
                        limit.toSeconds(),
                        ClusterConfig.RESOLVE_TIMEOUT);
            }
            pause.accept(PAUSE_NS);
        }
    }

    private @Nullable UnknownHostException look(final String host) {
        try {
            names.find(host);
            return null;
        } catch (final UnknownHostException unknown) {
            return unknown;
        }
    }
}
