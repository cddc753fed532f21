package io.cheshire.ops.runtime.process;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.cheshire.ops.core.KernelThreads.Processors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this JVM and its system say of processors. */
final class HostProcessors {
    /** Such as {@code 0-3,8-11}; of the whole machine in a container, too. */
    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");

    private HostProcessors() {}

    static Processors now() {
        return new Processors(Runtime.getRuntime().availableProcessors(), told(), machine());
    }

    private static int told() {
        final HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return flags == null
                    ? 0
                    : Integer.parseInt(flags.getVMOption("ActiveProcessorCount").getValue());
        } catch (final IllegalArgumentException notThisJvm) {
            return 0;
        }
    }

    private static int machine() {
        try {
            return count(Files.readString(ONLINE).strip());
        } catch (final IOException | RuntimeException doesNotSay) {
            return 0;
        }
    }

    /** Of a list of ranges. */
    static int count(final String ranges) {
        int count = 0;
        for (final String range : ranges.split(",", -1)) {
            final String[] ends = range.split("-", 2);
            count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
        }
        return count;
    }
}
