package io.cheshire.ops.runtime.process;

import io.cheshire.ops.runtime.BuildInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a process knows of itself before it has done anything.
 *
 * @param role what it is
 * @param id   its number among those of its role; negative: it has none
 * @param host on which it runs
 */
record ProcessSelf(String role, int id, String host) {
    static final String ROUTER = "router";
    static final String EXPERT_NODE = "expert-node";
    static final String COORDINATOR = "coordinator";
    static final String SERVE = "serve";

    private static final double MS_PER_SECOND = 1e3;

    static ProcessSelf of(final String role, final int id) {
        return new ProcessSelf(role, id, hostName());
    }

    /** As the kernel knows it: to ask a name service could take longer than the start of the process. */
    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (final IOException elsewhere) {
            return Objects.requireNonNullElse(System.getenv("HOSTNAME"), "unknown");
        }
    }

    Map<String, Object> view() {
        final Map<String, Object> view = new LinkedHashMap<>();
        final long startMs = ManagementFactory.getRuntimeMXBean().getStartTime();
        view.put("role", role);
        if (id >= 0) {
            view.put("id", id);
        }
        view.put("host", host);
        view.put("pid", ProcessHandle.current().pid());
        view.put("version", BuildInfo.own().version());
        view.put("commit", BuildInfo.own().commit());
        view.put("java", Runtime.version().toString());
        view.put("startedAt", Instant.ofEpochMilli(startMs).toString());
        view.put("uptimeSeconds", (System.currentTimeMillis() - startMs) / MS_PER_SECOND);
        final MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        view.put("heap", Map.of("usedBytes", heap.getUsed(), "maxBytes", heap.getMax()));
        view.put("processors", Runtime.getRuntime().availableProcessors());
        return view;
    }
}
