package io.cheshire.model.runtime.cuda;

/**
 * How a GPU is used.
 *
 * @param driverLibrary      the driver's library, by a name that the system's loader knows or by its path
 * @param device             which device: its number from 0, or its UUID ({@code GPU-...})
 * @param hangTimeoutNs      a job that takes longer never ends: the device is lost
 * @param selfTestIntervalNs a device under load is asked so often whether it still computes what it computed at start;
 *     0: after each call, before its results are taken
 * @param callsInFlight      the most calls of experts under way at once, each with memory and a stream of its own
 */
public record CudaConfig(
        String driverLibrary, String device, long hangTimeoutNs, long selfTestIntervalNs, int callsInFlight) {
    public CudaConfig {
        if (callsInFlight < 1) {
            throw new IllegalArgumentException("at least one call must be in flight, not " + callsInFlight);
        }
        if (hangTimeoutNs < 1 || selfTestIntervalNs < 0) {
            throw new IllegalArgumentException("times must be positive: " + hangTimeoutNs + ", " + selfTestIntervalNs);
        }
    }
}
