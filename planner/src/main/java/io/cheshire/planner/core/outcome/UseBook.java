package io.cheshire.planner.core.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Notes when devices compute, in bins of time that become twice as long whenever a run gets longer than they reach: as
 * much memory for an hour as for a second. One thread.
 */
public final class UseBook {
    /** Bins of a device; half of them at least have something in them. */
    static final int BINS = 96;

    private static final long FIRST_BIN_NS = 1_000_000;

    private final long[][] busyNs;
    private long binNs = FIRST_BIN_NS;
    private long lastNs;

    public UseBook(final int devices) {
        busyNs = new long[devices][BINS];
    }

    /** A device computes from one time until another, counted from the run's begin. */
    public void add(final int device, final long fromNs, final long untilNs) {
        lastNs = Math.max(lastNs, untilNs);
        while (untilNs >= binNs * BINS) {
            widen();
        }
        long atNs = Math.max(0, fromNs);
        while (atNs < untilNs) {
            final int bin = (int) (atNs / binNs);
            final long end = Math.min(untilNs, (bin + 1) * binNs);
            busyNs[device][bin] += end - atNs;
            atNs = end;
        }
    }

    private void widen() {
        for (final long[] device : busyNs) {
            for (int i = 0; i < BINS / 2; i++) {
                device[i] = device[2 * i] + device[2 * i + 1];
            }
            Arrays.fill(device, BINS / 2, BINS, 0);
        }
        binNs *= 2;
    }

    /** What was noted, up to the last bin in which anything was. */
    public DeviceUse shown(final List<String> names) {
        final int bins = (int) Math.min(BINS, Math.ceilDiv(lastNs, binNs));
        final List<DeviceUse.Device> devices = new ArrayList<>();
        for (int i = 0; i < busyNs.length; i++) {
            final List<Double> shares = new ArrayList<>();
            for (int bin = 0; bin < bins; bin++) {
                final long reachedNs = Math.min(binNs, lastNs - bin * binNs);
                shares.add(Math.min(1, (double) busyNs[i][bin] / reachedNs));
            }
            devices.add(new DeviceUse.Device(names.get(i), shares));
        }
        return new DeviceUse(binNs * 1e-9, devices);
    }
}
