package io.cheshire.ops.runtime.doctor;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.ops.core.KernelList;
import io.cheshire.ops.core.doctor.ProcessFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at this process. */
final class ProcessProbe {
    private static final String VECTOR = "jdk.incubator.vector";
    private static final String MISC = "jdk.internal.misc";
    private static final String ROW_OPERATIONS = "-XX:CompileCommand=dontinline,io.cheshire.model.runtime.onednn.simd.";

    private ProcessProbe() {}

    static ProcessFacts.Jvm jvm() {
        final List<String> missing = new ArrayList<>();
        if (ModuleLayer.boot().findModule(VECTOR).isEmpty()) {
            missing.add("--add-modules=" + VECTOR);
        }
        if (!Object.class.getModule().isOpen(MISC, ProcessProbe.class.getModule())) {
            missing.add("--add-opens=java.base/" + MISC + "=ALL-UNNAMED");
        }
        return new ProcessFacts.Jvm(
                Runtime.version().feature(),
                System.getProperty("java.vm.name") + " " + Runtime.version() + " (" + System.getProperty("java.vendor")
                        + ")",
                missing,
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .noneMatch(argument -> argument.startsWith(ROW_OPERATIONS)),
                Runtime.getRuntime().maxMemory());
    }

    /** Opens them, which is the only way to know. */
    static ProcessFacts.Kernels kernels(final int threads) {
        try (Kernels kernels = new OneDnnKernels(threads)) {
            return new ProcessFacts.Kernels(kernels.description(), null);
        } catch (final RuntimeException | LinkageError failure) {
            Throwable cause = failure;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return new ProcessFacts.Kernels(null, cause.toString());
        }
    }

    static ProcessFacts.Cores cores(final SystemFiles files, final ControlGroup group, final int threads) {
        final int available = Runtime.getRuntime().availableProcessors();
        final int online =
                KernelList.numbers(files.text("sys/devices/system/cpu/online")).cardinality();
        return new ProcessFacts.Cores(
                available, Math.max(available, online), group.quota(), group.periods(), group.throttled(), threads);
    }

    static ProcessFacts.Limits limits(final SystemFiles files) {
        return new ProcessFacts.Limits(limit(files, "Max open files"), limit(files, "Max locked memory"));
    }

    private static long limit(final SystemFiles files, final String name) {
        final String limits = files.text("proc/self/limits");
        return limits.contains(name) ? files.number("proc/self/limits", name, Long.MAX_VALUE) : -1;
    }

    static ProcessFacts.Temporary temporary() {
        final Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return new ProcessFacts.Temporary(
                    directory.toString(),
                    Files.isDirectory(directory) && Files.isWritable(directory),
                    Files.getFileStore(directory).getUsableSpace());
        } catch (final IOException cause) {
            return new ProcessFacts.Temporary(directory.toString(), false, 0);
        }
    }
}
