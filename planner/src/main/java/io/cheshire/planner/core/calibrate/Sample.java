package io.cheshire.planner.core.calibrate;

import java.util.List;

/**
 * One thing, measured several times.
 *
 * @param first  as the quantity's fit takes it
 * @param second likewise; 0 where it takes one
 * @param ns     how long it took each time, at least once, in the order measured
 */
public record Sample(double first, double second, List<Double> ns) {
    public Sample {
        ns = List.copyOf(ns);
        if (ns.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured at " + first + ", " + second);
        }
    }

    /** What half of the measurements exceed: a stall isn't the kernel's, and is counted as a pause. */
    double medianNs() {
        return Statistics.quantile(ns, 0.5);
    }
}
