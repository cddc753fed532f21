package io.cheshire.ops.runtime.doctor;

import io.cheshire.ops.core.KernelList;
import io.cheshire.ops.core.doctor.Examination;
import io.cheshire.ops.core.doctor.HostFacts;
import io.cheshire.ops.runtime.process.DeviceConfig;
import java.util.BitSet;
import java.util.Set;

/** Looks at the host. */
final class HostProbe {
    private static final String NODES = "sys/devices/system/node";
    private static final long KIB = 1024;

    private HostProbe() {}

    static Examination.Host find(final SystemFiles files, final ControlGroup group, final DeviceConfig device)
            throws InterruptedException {
        return new Examination.Host(
                cpu(files),
                memory(files, group),
                BandwidthProbe.measure(Runtime.getRuntime().availableProcessors()),
                numa(files),
                hugePages(files.text("sys/kernel/mm/transparent_hugepage/enabled")),
                new HostFacts.SocketBuffers(
                        files.number("proc/sys/net/core/rmem_max", -1), files.number("proc/sys/net/core/wmem_max", -1)),
                HostClock.find(files),
                GpuProbe.find(device));
    }

    /** The first processor's: they are all alike where this runs. x86 calls its features flags. */
    static HostFacts.Cpu cpu(final SystemFiles files) {
        final String flags = files.value("proc/cpuinfo", "flags");
        final String features = flags.isEmpty() ? files.value("proc/cpuinfo", "Features") : flags;
        final String model = files.value("proc/cpuinfo", "model name");
        return new HostFacts.Cpu(
                System.getProperty("os.arch"),
                model.isEmpty() ? "processor" : model,
                features.isEmpty() ? Set.of() : Set.of(features.split("\\s+", -1)));
    }

    static HostFacts.Memory memory(final SystemFiles files, final ControlGroup group) {
        return new HostFacts.Memory(
                files.number("proc/meminfo", "MemTotal:", 0) * KIB,
                files.number("proc/meminfo", "MemAvailable:", 0) * KIB,
                group.memoryLimit(),
                group.memoryUsed());
    }

    /** The one in brackets. */
    static String hugePages(final String modes) {
        return modes.replaceAll(".*\\[|\\].*", "");
    }

    static HostFacts.Numa numa(final SystemFiles files) {
        final BitSet own = KernelList.numbers(files.value("proc/self/status", "Cpus_allowed_list"));
        int nodes = 0;
        int allowed = 0;
        for (final String node : files.names(NODES, "node")) {
            final BitSet processors = KernelList.numbers(files.text(NODES + "/" + node + "/cpulist"));
            nodes++;
            allowed += processors.intersects(own) ? 1 : 0;
        }
        return new HostFacts.Numa(nodes, allowed);
    }
}
