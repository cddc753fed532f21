package io.cheshire.transport.runtime;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ext.DebugReceiveChannelEndpoint;
import io.aeron.driver.ext.LossGenerator;
import io.aeron.driver.ext.RandomLossGenerator;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Has a media driver lose packets of UDP channels on purpose, drawn from a seed, beneath all that Aeron does to repair
 * that: data that arrives, and the acknowledgements and requests for repair that are sent back. Shared memory isn't
 * concerned. The counters are safe from any thread; the rest runs on the driver's.
 */
final class DriverLoss {
    private final double rate;
    private final long seed;
    private final AtomicLong droppedData = new AtomicLong();
    private final AtomicLong droppedControl = new AtomicLong();

    /** @param rate part of the packets that is lost, 0 to 1 */
    DriverLoss(final double rate, final long seed) {
        this.rate = rate;
        this.seed = seed;
    }

    void applyTo(final MediaDriver.Context context) {
        context.receiveChannelEndpointSupplier((channel, dispatcher, status, driver) -> new DebugReceiveChannelEndpoint(
                channel,
                dispatcher,
                status,
                driver,
                counting(new RandomLossGenerator(rate, seed), droppedData),
                counting(new RandomLossGenerator(rate, seed + 1), droppedControl)));
    }

    private static LossGenerator counting(final LossGenerator loss, final AtomicLong dropped) {
        return new LossGenerator() {
            @Override
            public boolean shouldDropFrame(
                    final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
                final boolean drop = loss.shouldDropFrame(address, buffer, length);
                if (drop) {
                    dropped.incrementAndGet();
                }
                return drop;
            }
        };
    }

    /** Packets with rows, handshakes or heartbeats that were lost. */
    long droppedData() {
        return droppedData.get();
    }

    /** Status messages and NAKs that were lost. */
    long droppedControl() {
        return droppedControl.get();
    }
}
