package io.cheshire.planner.protocol.plan;

import io.cheshire.model.protocol.calibration.Calibration;

/**
 * A kind of machine.
 *
 * @param name        as the plan calls it
 * @param device      what experts compute on there, and whose memory holds them
 * @param memoryBytes for weights, or for a router's weights and KV cache
 * @param calibration how long things take there
 */
public record DeviceClass(String name, Device device, long memoryBytes, Calibration calibration) {
    /** Whose memory holds units, and in which form. */
    public enum Device {
        /** The host's own. */
        CPU,
        /** An NVIDIA GPU's: padded as its kernels want them (docs/gpu.md). */
        GPU
    }

    /** The same with another calibration. */
    public DeviceClass with(final Calibration other) {
        return new DeviceClass(name, device, memoryBytes, other);
    }
}
