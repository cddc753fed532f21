package io.cheshire.ops.runtime.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine is called in a calibration: its processor and how many of it this process may use. */
public final class HostMachine {
    private static final String MODEL = "model name";

    private HostMachine() {}

    /** Such as {@code AMD EPYC 9B14, 2 processors}. */
    public static String name() {
        final int processors = Runtime.getRuntime().availableProcessors();
        return processor() + ", " + processors + (processors == 1 ? " processor" : " processors");
    }

    private static String processor() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(MODEL))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElseGet(() -> System.getProperty("os.arch"));
        } catch (final IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }
}
