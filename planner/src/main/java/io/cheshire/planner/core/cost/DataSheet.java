package io.cheshire.planner.core.cost;

import io.cheshire.model.protocol.Precision;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Devices that can be planned for without one: what their makers print, and what part of it kernels are taken to reach.
 * Nothing of it was measured here.
 */
public enum DataSheet {
    /** NVIDIA's sheet: 141 GB of HBM3e at 4.8 TB/s, 989 TFLOP/s of dense bf16, 67 of fp32; PCIe 5. */
    H200(141_000_000_000L, 4.8e12, 989e12, 67e12, 5e10, 25_000),
    /** NVIDIA's sheet of the SXM part: 80 GB of HBM3 at 3.35 TB/s, 989 TFLOP/s of dense bf16, 67 of fp32; PCIe 5. */
    H100(80_000_000_000L, 3.35e12, 989e12, 67e12, 5e10, 25_000),
    /** NVIDIA's sheet: 80 GB of HBM2e at 2.04 TB/s, 312 TFLOP/s of dense bf16, 19.5 of fp32; PCIe 4. */
    A100(80_000_000_000L, 2.04e12, 312e12, 19.5e12, 2.5e10, 25_000),
    /** A server with bf16 units, 128 GiB: of it kernels reach what the balancer assumes, 71 GB/s and 850 GFLOP/s. */
    CPU(137_438_953_472L, 9.5e10, 1.7e12, 1.7e12, Double.POSITIVE_INFINITY, 5_000);

    /** Part of the printed bandwidth that reading weights reaches. */
    public static final double BANDWIDTH_SHARE = 0.75;

    /** Part of the printed arithmetic that matmuls reach. */
    public static final double FLOPS_SHARE = 0.5;

    private final long memoryBytes;
    private final double bytesPerSecond;
    private final double bf16PerSecond;
    /** A GPU's tensor cores don't take it. */
    private final double fp32PerSecond;

    private final double hostBytesPerSecond;
    private final double callNs;

    DataSheet(
            final long memoryBytes,
            final double bytesPerSecond,
            final double bf16PerSecond,
            final double fp32PerSecond,
            final double hostBytesPerSecond,
            final double callNs) {
        this.memoryBytes = memoryBytes;
        this.bytesPerSecond = bytesPerSecond;
        this.bf16PerSecond = bf16PerSecond;
        this.fp32PerSecond = fp32PerSecond;
        this.hostBytesPerSecond = hostBytesPerSecond;
        this.callNs = callNs;
    }

    /** Whose memory it is. */
    public Device device() {
        return this == CPU ? Device.CPU : Device.GPU;
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
    double ns(final double bytes, final double flops, final Precision precision) {
        final double most = precision == Precision.FP32 ? fp32PerSecond : bf16PerSecond;
        return 1e9 * Math.max(bytes / (bytesPerSecond * BANDWIDTH_SHARE), flops / (most * FLOPS_SHARE));
    }

    /** Time for bytes between the host's memory and the device's: a batch waits for its rows, and for its results. */
    double hostNs(final double bytes) {
        return 1e9 * bytes / hostBytesPerSecond;
    }

    /** What a call of a kernel costs beside. */
    double callNs() {
        return callNs;
    }
}
