package io.cheshire.transport.runtime;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.status.SystemCounterDescriptor;
import org.jspecify.annotations.Nullable;

/** The media driver that the processes of a host share, on a thread of its own. Safe from any thread until closed. */
public final class HostDriver implements AutoCloseable {
    private final MediaDriver driver;
    private final DriverDirectory files;
    private final @Nullable DriverLoss loss;

    HostDriver(final MediaDriver driver, final DriverDirectory files, final @Nullable DriverLoss loss) {
        this.driver = driver;
        this.files = files;
        this.loss = loss;
    }

    /**
     * Packets lost on purpose and what their repair took.
     *
     * @param droppedData    packets with rows, handshakes or heartbeats
     * @param droppedControl status messages and NAKs
     * @param naksSent       requests for repair
     * @param retransmits    repairs sent
     */
    public record Repair(long droppedData, long droppedControl, long naksSent, long retransmits) {}

    /** Since the driver's start; all zero where nothing is lost on purpose and the network loses nothing. */
    public Repair repair() {
        return new Repair(
                loss == null ? 0 : loss.droppedData(),
                loss == null ? 0 : loss.droppedControl(),
                counter(SystemCounterDescriptor.NAK_MESSAGES_SENT),
                counter(SystemCounterDescriptor.RETRANSMITS_SENT));
    }

    private long counter(final SystemCounterDescriptor descriptor) {
        return driver.context().systemCounters().get(descriptor).get();
    }

    @Override
    public void close() {
        driver.close();
        files.close();
    }
}
