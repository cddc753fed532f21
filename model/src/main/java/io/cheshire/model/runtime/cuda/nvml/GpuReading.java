package io.cheshire.model.runtime.cuda.nvml;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a GPU is at a moment. {@code NaN}: this GPU doesn't tell.
 *
 * @param usedBytes         of its memory, by whoever
 * @param totalBytes        of its memory
 * @param powerWatts        that it draws
 * @param powerLimitWatts   that it may draw
 * @param temperature       in degrees Celsius
 * @param processorHertz    of its multiprocessors, now
 * @param memoryHertz       of its memory, now
 * @param correctedErrors   of memory, mended by ECC, since the driver was loaded
 * @param uncorrectedErrors of memory, not mended, since the driver was loaded
 * @param xids              events that the driver wrote into the host's log since this process began to look
 * @param lastXid           number of the last of them; 0: none
 * @param throttled         why its clocks are low; empty where they aren't
 */
public record GpuReading(
        double usedBytes,
        double totalBytes,
        double powerWatts,
        double powerLimitWatts,
        double temperature,
        double processorHertz,
        double memoryHertz,
        double correctedErrors,
        double uncorrectedErrors,
        long xids,
        long lastXid,
        Set<ThrottleReason> throttled) {
    private static final double GIB = 1L << 30;
    private static final double HERTZ_PER_MHZ = 1e6;

    public GpuReading {
        throttled = Set.copyOf(throttled);
    }

    /** For people: {@code 61 C, 350 of 700 W, ...}; what the GPU doesn't tell is left out. */
    public String summary() {
        final StringBuilder text = new StringBuilder();
        add(text, "%.0f C", temperature);
        add(text, "%.0f W", powerWatts);
        add(text, "of %.0f W", powerLimitWatts);
        add(text, "%.1f GiB used", usedBytes / GIB);
        add(text, "%.0f MHz", processorHertz / HERTZ_PER_MHZ);
        add(text, "%.0f corrected", correctedErrors);
        add(text, "%.0f uncorrected memory errors", uncorrectedErrors);
        if (xids > 0) {
            add(text, "%.0f Xids", (double) xids);
            add(text, "the last is %.0f", (double) lastXid);
        }
        if (!throttled.isEmpty()) {
            text.append(text.isEmpty() ? "" : ", ").append("throttled: ").append(reasons());
        }
        return text.isEmpty() ? "it tells nothing" : text.toString();
    }

    /** What isn't as it should be, for people; empty where all is, as far as it tells. */
    public String ailing() {
        final StringBuilder text = new StringBuilder();
        if (uncorrectedErrors > 0) {
            add(text, "%.0f memory errors that ECC couldn't mend", uncorrectedErrors);
        }
        if (throttled.contains(ThrottleReason.HARDWARE)
                || throttled.contains(ThrottleReason.HARDWARE_THERMAL)
                || throttled.contains(ThrottleReason.POWER_BRAKE)) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append("its hardware holds its clocks down: ")
                    .append(reasons());
        }
        return text.toString();
    }

    /** Why its clocks are low, in a fixed order. */
    public String reasons() {
        return throttled.stream().sorted().map(ThrottleReason::word).collect(Collectors.joining(" "));
    }

    private static void add(final StringBuilder text, final String format, final double value) {
        if (!Double.isNaN(value)) {
            text.append(text.isEmpty() ? "" : ", ").append(String.format(Locale.ROOT, format, value));
        }
    }
}
