package io.cheshire.ops.core.doctor;

import io.cheshire.ops.core.doctor.NetworkFacts.Endpoint;
import io.cheshire.ops.core.doctor.NetworkFacts.Listening;
import io.cheshire.ops.core.doctor.NetworkFacts.Resolved;
import java.util.List;
import java.util.Set;

/** Facts of a host that nothing is wrong with; tests change one. */
final class HealthyHost {
    static final long MIB = 1L << 20;
    static final long GIB = 1L << 30;

    static final ProcessFacts.Jvm JVM = new ProcessFacts.Jvm(25, "a VM 25.0.1", List.of(), false, GIB);
    static final HostFacts.Cpu CPU = new HostFacts.Cpu("amd64", "a Xeon", Set.of("fpu", "avx2", "avx512f", "amx_bf16"));
    static final ProcessFacts.Cores CORES = new ProcessFacts.Cores(8, 8, 0, 0, 0, 8);
    static final HostFacts.Memory MEMORY = new HostFacts.Memory(64 * GIB, 60 * GIB, 0, 0);
    static final HostFacts.DriverFiles FILES = new HostFacts.DriverFiles("/dev/shm", true, 2 * GIB, GIB, List.of());
    static final ModelFacts MODEL = new ModelFacts("/m", List.of(), "10 M parameters", 8 * GIB, GIB, GIB, 2 * GIB);
    static final Needs NEEDS = new Needs(16, -1, 2, 2 * GIB, 240 * MIB, 32, 240 * MIB, true, true);
    static final NetworkFacts NETWORK = new NetworkFacts(
            List.of(new Resolved("127.0.0.1", true)),
            "h",
            List.of(new Resolved("10.0.0.1", false)),
            List.of(port(Listening.FREE)));

    private HealthyHost() {}

    static Endpoint port(final Listening state) {
        return new Endpoint("cheshire.router.http.port (--port)", "0.0.0.0:8000", "TCP", state, "no right");
    }

    static Examination.Facts facts() {
        return new Examination.Facts(
                JVM,
                new ProcessFacts.Kernels("oneDNN v3", null),
                CORES,
                new ProcessFacts.Limits(65_536, 8 * MIB),
                new ProcessFacts.Temporary("/tmp", true, GIB),
                new Examination.Host(
                        CPU,
                        MEMORY,
                        new HostFacts.Bandwidth(40e9, 8),
                        new HostFacts.Numa(1, 1),
                        "madvise",
                        new HostFacts.SocketBuffers(4 * MIB, 4 * MIB),
                        new HostFacts.Clock("tsc", 25, true),
                        new HostFacts.Gpus("libcuda.so.1 isn't here", "", List.of(), "", HostFacts.GpuUse.NONE)),
                FILES,
                NETWORK,
                MODEL,
                List.of());
    }
}
