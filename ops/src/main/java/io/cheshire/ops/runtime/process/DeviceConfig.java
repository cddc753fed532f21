package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.cuda.CudaConfig;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.QuantisedKernels;
import io.cheshire.ops.core.KernelThreads;
import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The values of {@code cheshire.device}; units, defaults and reasons stand in this module's {@code reference.conf}.
 *
 * @param kernels    whose they are
 * @param routerKernels whose a router's are
 * @param pacedBy    the calibration that says how long paced kernels take; empty: none
 * @param bf16Matmul who multiplies bf16 weights
 * @param quantised  who multiplies weights in 8 and 4 bits
 * @param threads    of one kernel call
 * @param jobLimit   the most jobs that wait for the device
 * @param burstNs    a turn of the device goes on with waiting jobs for so long; 0: one job a turn
 * @param expertNumerics what decides the last bits of the experts' results where they are computed by other kernels
 *     than this process's; empty: by its own
 * @param cuda       how a GPU is used
 * @param lossRecord file in which the loss of a GPU is written down
 * @param gpuHealth  how a GPU's health is looked at
 */
public record DeviceConfig(
        KernelKind kernels,
        RouterKernelKind routerKernels,
        String pacedBy,
        Bf16Matmul bf16Matmul,
        QuantisedKernels quantised,
        KernelThreads threads,
        int jobLimit,
        long burstNs,
        String expertNumerics,
        CudaConfig cuda,
        Path lossRecord,
        GpuHealthConfig gpuHealth) {
    private static final String SECTION = "cheshire.device";
    private static final String CUDA_SECTION = "cheshire.cuda";
    /** Each has memory on the device; the bus and the processors are busy long before. */
    private static final int MOST_IN_FLIGHT = 64;

    /** For commands that have a flag for it. */
    public static final String THREADS = SECTION + ".threads";

    /** Whose kernels they are, and how long they take where nothing is computed. */
    public static final String KERNELS = SECTION + ".kernels";

    public static final String ROUTER_KERNELS = SECTION + ".router-kernels";

    public static final String PACED_BY = SECTION + ".paced-by";

    /** Whose kernels. */
    public enum KernelKind {
        /** A GPU's, where there is one; else oneDNN's. */
        AUTO,
        CUDA,
        ONEDNN,
        /** Nobody's: they last, and compute nothing. */
        PACED,
        REFERENCE
    }

    /** Whose kernels a router has. */
    public enum RouterKernelKind {
        CUDA,
        ONEDNN,
        REFERENCE,
        /** Those that experts would have here. */
        SAME
    }

    /** Reads {@code cheshire.device} of a whole configuration. */
    public static DeviceConfig from(final SettingReader root) {
        final SettingReader device = root.section(SECTION);
        final int threads = device.number("threads", 0, Integer.MAX_VALUE);
        final KernelKind kernels = device.choice("kernels", KernelKind.class);
        final String pacedBy = device.textOrEmpty("paced-by");
        device.require(
                kernels != KernelKind.PACED || !pacedBy.isBlank(),
                "paced-by",
                "must name a calibration.json (./cheshire calibrate), since " + KERNELS + " = paced");
        device.require(
                kernels == KernelKind.PACED || pacedBy.isBlank(),
                "paced-by",
                "must be empty unless " + KERNELS + " = paced: other kernels compute");
        final RouterKernelKind routerKernels = device.choice("router-kernels", RouterKernelKind.class);
        device.require(
                kernels != KernelKind.PACED || routerKernels == RouterKernelKind.SAME,
                "router-kernels",
                "must be same, since " + KERNELS + " = paced: nothing is computed");
        return new DeviceConfig(
                kernels,
                routerKernels,
                pacedBy,
                device.choice("bf16-matmul", Bf16Matmul.class),
                device.choice("quantised-matmul", QuantisedKernels.class),
                KernelThreads.of(threads, HostProcessors.now()),
                device.number("job-limit", 1, Integer.MAX_VALUE),
                device.durationNs("burst", Duration.ZERO, Duration.ofDays(1)),
                device.textOrEmpty("expert-numerics"),
                cuda(root.section(CUDA_SECTION), device.number("jobs-in-flight", 1, MOST_IN_FLIGHT)),
                lossRecord(root.section(CUDA_SECTION).textOrEmpty("loss-record")),
                gpuHealth(root.section(CUDA_SECTION)));
    }

    private static CudaConfig cuda(final SettingReader cuda, final int jobsInFlight) {
        return new CudaConfig(
                cuda.text("driver-library"),
                cuda.text("device"),
                cuda.durationNs("hang-timeout", Duration.ofMillis(1), Duration.ofDays(1)),
                cuda.durationNs("self-test-interval", Duration.ZERO, Duration.ofDays(1)),
                jobsInFlight);
    }

    private static GpuHealthConfig gpuHealth(final SettingReader cuda) {
        return new GpuHealthConfig(
                cuda.textOrEmpty("health-library"),
                cuda.durationNs("health-interval", Duration.ofMillis(100), Duration.ofDays(1)));
    }

    private static Path lossRecord(final String configured) {
        return configured.isEmpty()
                ? Path.of(System.getProperty("java.io.tmpdir"), "cheshire-gpu-losses")
                : Path.of(configured);
    }
}
