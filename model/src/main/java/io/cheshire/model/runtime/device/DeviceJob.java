package io.cheshire.model.runtime.device;

/**
 * Work for a device. Allocated once by its owner and submitted again and again. All methods but {@link #expectedNs} are
 * called on the device thread.
 */
public interface DeviceJob {
    /**
     * Begins it. True: it is done already, as everything is that the device's thread computes itself. False: it is
     * under way beside the thread, and {@link #poll} says when it is done.
     */
    boolean begin();

    /**
     * Whether a job that was under way is done now; asked turn after turn until it is. Must not block. When it answers
     * true, all that the job wrote is there.
     */
    default boolean poll() {
        throw new IllegalStateException("a job that ends where it begins was asked whether it is done");
    }

    /**
     * Whether it may begin while jobs before it are still under way. Whatever frees or replaces what other jobs use
     * must not; so a job doesn't unless it says so.
     */
    default boolean overlaps() {
        return false;
    }

    /** When {@link #begin} or {@link #poll} threw: the owner marks the work failed. Must not throw. */
    void failed(Throwable cause);

    /** How long it would take from begin to end. */
    default long expectedNs(final JobTimes times) {
        return 0;
    }
}
