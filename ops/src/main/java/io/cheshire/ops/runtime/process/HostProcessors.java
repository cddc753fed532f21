package io.cheshire.ops.runtime.process;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.cheshire.ops.core.KernelList;
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
            return KernelList.numbers(Files.readString(ONLINE)).cardinality();
        } catch (final IOException | RuntimeException doesNotSay) {
            return 0;
        }
    }
}
