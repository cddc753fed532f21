package io.cheshire.benchmarks.engine.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What this process holds, as the kernel counts it; empty where there is no {@code /proc}. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long KIBIBYTE = 1024;

    private ProcessMemory() {}

    /** Bytes by the names of {@code /proc/self/status}: VmRSS and its parts. */
    static Map<String, Long> read() {
        final Map<String, Long> bytes = new LinkedHashMap<>();
        if (!Files.isReadable(STATUS)) {
            return bytes;
        }
        try {
            for (final String line : Files.readAllLines(STATUS)) {
                final String name = line.substring(0, Math.max(0, line.indexOf(':')));
                switch (name) {
                    case "VmRSS", "RssAnon", "RssFile", "RssShmem" ->
                        bytes.put(name, KIBIBYTE * Long.parseLong(line.replaceAll("[^0-9]", "")));
                    default -> {}
                }
            }
        } catch (final IOException gone) {
            bytes.clear();
        }
        return bytes;
    }
}
