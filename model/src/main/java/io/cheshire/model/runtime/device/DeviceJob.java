package io.cheshire.model.runtime.device;

/** Work for a device. Allocated once by its owner and submitted again and again. */
public interface DeviceJob {
    /** Runs on the device thread. */
    void run();

    /** Runs on the device thread when {@link #run()} threw: the owner marks the work failed. Must not throw. */
    void failed(Throwable cause);

    /** How long {@link #run()} would take. */
    default long expectedNs(final JobTimes times) {
        return 0;
    }
}
