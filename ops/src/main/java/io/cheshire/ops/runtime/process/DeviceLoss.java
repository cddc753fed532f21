package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.ops.runtime.StandardError;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process whose GPU is lost. For a moment its nodes go on and refuse every shard that they hold, so that
 * routers ask other copies at once; then they say goodbye, the process leaves the cluster and is halted: no call of the
 * driver any more, since one may hang. A supervisor starts it anew. Safe from any thread.
 */
final class DeviceLoss {
    /** Exit status: start it again, it may get the GPU back. */
    static final int LOST_STATUS = 70;
    /** Exit status: the GPU was lost too often in a short time. */
    static final int QUARANTINED_STATUS = 71;

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLoss.class);
    private static final long REFUSING_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final LossRecord record;
    private final IntConsumer halt;
    private final AtomicBoolean began = new AtomicBoolean();
    private volatile Runnable goodbye = () -> {};

    DeviceLoss(final LossRecord record) {
        this(record, status -> Runtime.getRuntime().halt(status));
    }

    /** @param halt ends the process, whatever else goes on in it */
    DeviceLoss(final LossRecord record, final IntConsumer halt) {
        this.record = record;
        this.halt = halt;
    }

    /** What is done once nothing is held any more: goodbye to routers and cluster. */
    void sayGoodbyeBy(final Runnable ending) {
        goodbye = ending;
    }

    /** Leaves the end of a process whose GPU is lost to whoever is at it: its status is the one that counts. */
    void awaitEndIfLost() {
        if (began.get()) {
            park(2 * LONGEST_NS);
        }
    }

    /** Ends the process if the GPU is to be left alone. */
    void requireNoQuarantine(final String uuid) {
        if (record.isQuarantined(uuid, Instant.now())) {
            LOG.error(
                    "GPU {} was lost {} times in {} minutes and is left alone for as long; this process ends with"
                            + " status {}. Look at the host's log for Xid errors; delete {} to try at once",
                    uuid,
                    LossRecord.MOST,
                    LossRecord.WINDOW.toMinutes(),
                    QUARANTINED_STATUS,
                    record.file());
            end(QUARANTINED_STATUS);
        }
    }

    /** Takes the loss of one GPU; doesn't block. */
    Consumer<DeviceLostException> of(final String uuid) {
        return loss -> begin(uuid, loss);
    }

    private void begin(final String uuid, final DeviceLostException loss) {
        if (!began.compareAndSet(false, true)) {
            return;
        }
        thread("device-lost-watchdog", () -> {
            park(LONGEST_NS);
            halt.accept(LOST_STATUS);
        });
        thread("device-lost", () -> {
            try {
                LOG.error(
                        "GPU {} is lost; this process leaves and ends with status {}, to be started anew: {}",
                        uuid,
                        LOST_STATUS,
                        loss.getMessage());
                record.add(uuid, Instant.now());
                park(REFUSING_NS);
                goodbye.run();
            } finally {
                end(LOST_STATUS); // whatever saying goodbye met with
            }
        });
    }

    private void end(final int status) {
        StandardError.awaitWritten(LAST_WORDS);
        halt.accept(status);
    }

    private static void thread(final String name, final Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    private static void park(final long ns) {
        final long untilNs = System.nanoTime() + ns;
        for (long leftNs = ns; leftNs > 0; leftNs = untilNs - System.nanoTime()) {
            LockSupport.parkNanos(leftNs);
        }
    }
}
