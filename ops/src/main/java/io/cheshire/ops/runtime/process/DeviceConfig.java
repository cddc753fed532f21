package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.ops.core.KernelThreads;
import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * The values of {@code cheshire.device}; units, defaults and reasons stand in this module's {@code reference.conf}.
 *
 * @param kernels    whose they are
 * @param pacedBy    the calibration that says how long paced kernels take; empty: none
 * @param bf16Matmul who multiplies bf16 weights
 * @param threads    of one kernel call
 * @param jobLimit   the most jobs that wait for the device
 * @param burstNs    a turn of the device goes on with waiting jobs for so long; 0: one job a turn
 */
public record DeviceConfig(
        KernelKind kernels, String pacedBy, Bf16Matmul bf16Matmul, KernelThreads threads, int jobLimit, long burstNs) {
    private static final String SECTION = "cheshire.device";

    /** For commands that have a flag for it. */
    public static final String THREADS = SECTION + ".threads";

    /** Whose kernels they are, and how long they take where nothing is computed. */
    public static final String KERNELS = SECTION + ".kernels";

    public static final String PACED_BY = SECTION + ".paced-by";

    /** Whose kernels. */
    public enum KernelKind {
        ONEDNN,
        /** Nobody's: they last, and compute nothing. */
        PACED,
        REFERENCE
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
        return new DeviceConfig(
                kernels,
                pacedBy,
                device.choice("bf16-matmul", Bf16Matmul.class),
                KernelThreads.of(threads, HostProcessors.now()),
                device.number("job-limit", 1, Integer.MAX_VALUE),
                device.durationNs("burst", Duration.ZERO, Duration.ofDays(1)));
    }
}
