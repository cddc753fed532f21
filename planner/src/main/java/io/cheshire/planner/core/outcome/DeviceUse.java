package io.cheshire.planner.core.outcome;

import java.util.List;

/**
 * How busy devices were over time.
 *
 * @param binSeconds of each share
 * @param devices    by number: nodes first, then routers
 */
public record DeviceUse(double binSeconds, List<Device> devices) {
    public DeviceUse {
        devices = List.copyOf(devices);
    }

    /**
     * One device.
     *
     * @param busy part of each bin in which it computed, from the first on; the last one may be cut short
     */
    public record Device(String name, List<Double> busy) {
        public Device {
            busy = List.copyOf(busy);
        }

        /** Over the whole run. */
        public double mean() {
            return busy.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }

        /** Of the busiest bin. */
        public double most() {
            return busy.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        }
    }
}
