package io.cheshire.planner.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Devices that can be planned for without one: what their makers print, and what part of it kernels are taken to reach.
 * Nothing of it was measured here.
 */
public enum DataSheet {
    /** NVIDIA's sheet: 141 GB of HBM3e at 4.8 TB/s, 989 TFLOP/s of dense bf16. */
    H200(141_000_000_000L, 4.8e12, 989e12, 25_000),
    /** NVIDIA's sheet of the SXM part: 80 GB of HBM3 at 3.35 TB/s, 989 TFLOP/s of dense bf16. */
    H100(80_000_000_000L, 3.35e12, 989e12, 25_000),
    /** NVIDIA's sheet: 80 GB of HBM2e at 2.04 TB/s, 312 TFLOP/s of dense bf16. */
    A100(80_000_000_000L, 2.04e12, 312e12, 25_000),
    /** A server with bf16 units, 128 GiB: of it kernels reach what the balancer assumes, 71 GB/s and 850 GFLOP/s. */
    CPU(137_438_953_472L, 9.5e10, 1.7e12, 5_000);

    /** Part of the printed bandwidth that reading weights reaches. */
    public static final double BANDWIDTH_SHARE = 0.75;

    /** Part of the printed arithmetic that matmuls reach. */
    public static final double FLOPS_SHARE = 0.5;

    private final long memoryBytes;
    private final double bytesPerSecond;
    private final double flopsPerSecond;
    private final double callNs;

    DataSheet(final long memoryBytes, final double bytesPerSecond, final double flopsPerSecond, final double callNs) {
        this.memoryBytes = memoryBytes;
        this.bytesPerSecond = bytesPerSecond;
        this.flopsPerSecond = flopsPerSecond;
        this.callNs = callNs;
    }

    /** Name in a plan. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Names of all. */
    public static List<String> ids() {
        final List<String> ids = new ArrayList<>();
        for (final DataSheet sheet : values()) {
            ids.add(sheet.id());
        }
        return ids;
    }

    public long memoryBytes() {
        return memoryBytes;
    }

    /** Time to read so many bytes of weights, or to do so much arithmetic, whichever is longer. */
    double ns(final double bytes, final double flops) {
        return 1e9 * Math.max(bytes / (bytesPerSecond * BANDWIDTH_SHARE), flops / (flopsPerSecond * FLOPS_SHARE));
    }

    /** What a call of a kernel costs beside. */
    double callNs() {
        return callNs;
    }
}
