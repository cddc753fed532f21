package io.cheshire.ops.core.doctor;

import static io.cheshire.ops.core.doctor.Finding.Severity.FAIL;
import static io.cheshire.ops.core.doctor.Finding.Severity.OK;
import static io.cheshire.ops.core.doctor.Finding.Severity.WARN;
import static io.cheshire.ops.core.doctor.HealthyHost.CORES;
import static io.cheshire.ops.core.doctor.HealthyHost.FILES;
import static io.cheshire.ops.core.doctor.HealthyHost.GIB;
import static io.cheshire.ops.core.doctor.HealthyHost.JVM;
import static io.cheshire.ops.core.doctor.HealthyHost.MEMORY;
import static io.cheshire.ops.core.doctor.HealthyHost.MIB;
import static io.cheshire.ops.core.doctor.HealthyHost.MODEL;
import static io.cheshire.ops.core.doctor.HealthyHost.NEEDS;
import static io.cheshire.ops.core.doctor.HealthyHost.NETWORK;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.doctor.Finding.Severity;
import io.cheshire.ops.core.doctor.HostFacts.GpuUse;
import io.cheshire.ops.core.doctor.NetworkFacts.Listening;
import io.cheshire.ops.core.doctor.NetworkFacts.Resolved;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule, with facts made up for it: what is bad, and the words that tell what to do. */
class JudgesTest {
    private static final Needs NODE = new Needs(16, 3, 2, 2 * GIB, 60 * MIB, 2, 144 * MIB, true, true);
    private static final Needs ALONE = new Needs(16, -1, 1, 2 * GIB, 240 * MIB, 32, 240 * MIB, false, false);

    static Stream<Arguments> computing() {
        return Stream.of(
                rule("java 25", ComputeJudge.jvm(JVM), OK, "heap up to 1.0 GiB"),
                rule("older java", ComputeJudge.jvm(jvm(24, List.of(), false, GIB)), FAIL, "install a JDK 25"),
                rule(
                        "java without modules",
                        ComputeJudge.jvm(jvm(25, List.of("--add-modules=x"), false, GIB)),
                        FAIL,
                        "without --add-modules=x"),
                rule("java, slowed", ComputeJudge.jvm(jvm(25, List.of(), true, GIB)), WARN, "CompileCommands"),
                rule("processor", ComputeJudge.cpu(HealthyHost.CPU), OK, "amx_bf16, avx512f, avx2"),
                rule("old processor", ComputeJudge.cpu(cpu("amd64", "sse4_2")), WARN, "AVX2"),
                rule("arm", ComputeJudge.cpu(cpu("aarch64", "asimd")), OK, "asimd"),
                rule("other processor", ComputeJudge.cpu(cpu("riscv64", "v")), FAIL, "kernels = reference"),
                rule("kernels", ComputeJudge.kernels(new ProcessFacts.Kernels("bf16 units", null)), OK, "bf16 units"),
                rule(
                        "no kernels",
                        ComputeJudge.kernels(new ProcessFacts.Kernels(null, "not permitted")),
                        FAIL,
                        "not permitted",
                        "noexec"),
                rule("cores", ComputeJudge.cores(CORES), OK, "8 of 8 cores"),
                rule(
                        "limited cores",
                        ComputeJudge.cores(new ProcessFacts.Cores(4, 8, 3.5, 100, 7, 4)),
                        WARN,
                        "limited to 3.50, stopped in 7 of 100 periods",
                        "limits.cpu"),
                rule(
                        "too many threads",
                        ComputeJudge.cores(new ProcessFacts.Cores(4, 8, 0, 0, 0, 5)),
                        WARN,
                        "at most 4"),
                rule("one memory node", ComputeJudge.numa(new HostFacts.Numa(1, 1)), OK, "1"),
                rule("bound", ComputeJudge.numa(new HostFacts.Numa(4, 1)), OK, "uses one"),
                rule("not bound", ComputeJudge.numa(new HostFacts.Numa(4, 4)), WARN, "numactl"),
                rule("no memory nodes", ComputeJudge.numa(new HostFacts.Numa(0, 0)), OK, "not to be read"),
                rule(
                        "bandwidth",
                        ComputeJudge.bandwidth(new HostFacts.Bandwidth(40e9, 8), MODEL),
                        OK,
                        "40.0 GB/s read by 8 threads",
                        "19 tokens/s"),
                rule(
                        "narrow",
                        ComputeJudge.bandwidth(new HostFacts.Bandwidth(3.9e9, 1), MODEL),
                        WARN,
                        "3.9 GB/s read by 1 thread;"),
                rule("gpu", ComputeJudge.gpus(gpu(null, GpuUse.REQUIRED)), OK, "H 100 80 GiB; kernels run on GPU-7"),
                rule(
                        "gpu that ails",
                        ComputeJudge.gpus(new HostFacts.Gpus(
                                null, "GPU-7", List.of("H 100"), "3 memory errors", GpuUse.REQUIRED)),
                        WARN,
                        "on GPU-7; 3 memory errors",
                        "nvidia-smi"),
                rule("gpu where there is one", ComputeJudge.gpus(gpu(null, GpuUse.WHERE_THERE_IS_ONE)), OK, "on GPU-7"),
                rule("gpu not asked for", ComputeJudge.gpus(gpu(null, GpuUse.NONE)), OK, "H 100 80 GiB; not used"),
                rule("old gpu", ComputeJudge.gpus(gpu("too old", GpuUse.REQUIRED)), FAIL, "(too old)", "auto"),
                rule("no gpu", ComputeJudge.gpus(noGpu(GpuUse.WHERE_THERE_IS_ONE)), OK, "none (no lib); oneDNN's"),
                rule("no gpu needed", ComputeJudge.gpus(noGpu(GpuUse.NONE)), OK, "none (no lib); none is asked for"),
                rule("missing gpu", ComputeJudge.gpus(noGpu(GpuUse.REQUIRED)), FAIL, "none (no lib)", "auto"));
    }

    private static HostFacts.Gpus gpu(final @Nullable String unusable, final GpuUse use) {
        return new HostFacts.Gpus(unusable, unusable == null ? "GPU-7" : "", List.of("H 100 80 GiB"), "", use);
    }

    private static HostFacts.Gpus noGpu(final GpuUse use) {
        return new HostFacts.Gpus("no lib", "", List.of(), "", use);
    }

    static Stream<Arguments> storing() {
        return Stream.of(
                rule("memory", StorageJudge.memory(MEMORY, JVM, MODEL, NEEDS), OK, "the whole model", "takes 11 GiB"),
                rule(
                        "heap of all memory",
                        StorageJudge.memory(MEMORY, jvm(25, List.of(), false, 64 * GIB), MODEL, NEEDS),
                        FAIL,
                        "the heap alone may take 64 GiB",
                        "lower -Xmx"),
                rule(
                        "heap of the limit",
                        StorageJudge.memory(memory(64, 60, 1, 0), JVM, MODEL, NEEDS),
                        FAIL,
                        "limited to 1.0 GiB",
                        "lower -Xmx"),
                rule(
                        "no room for a router",
                        StorageJudge.memory(memory(64, 60, 4, 0), JVM, MODEL, NEEDS),
                        FAIL,
                        "a router alone fits (4.3 GiB)"),
                rule(
                        "room for a router only",
                        StorageJudge.memory(memory(64, 60, 8, 0), JVM, MODEL, NEEDS),
                        WARN,
                        "a router alone takes 4.3 GiB"),
                rule(
                        "no room now",
                        StorageJudge.memory(memory(64, 60, 16, 8), JVM, MODEL, NEEDS),
                        WARN,
                        "free some before the start"),
                rule(
                        "no room on a node",
                        StorageJudge.memory(memory(2, 2, 0, 0), JVM, MODEL, NODE),
                        FAIL,
                        "one copy of its units"),
                rule(
                        "room for one copy",
                        StorageJudge.memory(memory(3, 3, 0, 0), JVM, MODEL, NODE),
                        WARN,
                        "replicas = 1"),
                rule("node", StorageJudge.memory(memory(4, 4, 0, 0), JVM, MODEL, NODE), OK, "this node"),
                rule("driver", StorageJudge.driverFiles(FILES, NEEDS), OK, "1.0 GiB of 2.0 GiB free, 240 MiB needed"),
                rule(
                        "little shared memory",
                        StorageJudge.driverFiles(files(true, 64), NEEDS),
                        FAIL,
                        "--shm-size",
                        "32 channels"),
                rule(
                        "full disk",
                        StorageJudge.driverFiles(files(false, 64), NEEDS),
                        FAIL,
                        "cheshire.transport.driver.directory"),
                rule(
                        "driver on disk",
                        StorageJudge.driverFiles(files(false, 900), NEEDS),
                        WARN,
                        "on disk",
                        "docker run --shm-size"),
                rule(
                        "room for few routers",
                        StorageJudge.driverFiles(files(true, 100), NODE),
                        WARN,
                        "144 MiB with the most routers"),
                rule("nothing left", StorageJudge.leftFiles(FILES), OK, "none"),
                rule(
                        "something left",
                        StorageJudge.leftFiles(
                                new HostFacts.DriverFiles("/s", true, GIB, GIB, List.of("a", "b", "c", "d"))),
                        WARN,
                        "4 in /s",
                        "a, b, c",
                        "the next start"),
                rule("tmp", StorageJudge.temporary(new ProcessFacts.Temporary("/tmp", true, GIB)), OK, "1.0 GiB free"),
                rule(
                        "tmp not ours",
                        StorageJudge.temporary(new ProcessFacts.Temporary("/tmp", false, GIB)),
                        FAIL,
                        "java.io.tmpdir"),
                rule(
                        "tmp full",
                        StorageJudge.temporary(new ProcessFacts.Temporary("/tmp", true, 127 * MIB)),
                        FAIL,
                        "128 MiB needed"),
                rule("model", StorageJudge.model(MODEL, MEMORY), OK, "/m: 10 M parameters"),
                rule(
                        "bad model",
                        StorageJudge.model(new ModelFacts("/m", List.of("no config.json"), "", 0, 0, 0, 0), MEMORY),
                        FAIL,
                        "no config.json",
                        "./cheshire inspect /m"),
                rule("large model", StorageJudge.model(MODEL, memory(7, 7, 0, 0)), WARN, "page cache"));
    }

    static Stream<Arguments> system() {
        return Stream.of(
                rule("buffers", SystemJudge.socketBuffers(buffers(4 * MIB), NEEDS), OK, "rmem_max 4 MiB"),
                rule("small buffers", SystemJudge.socketBuffers(buffers(MIB), NEEDS), WARN, "sysctl -w"),
                rule("too small buffers", SystemJudge.socketBuffers(buffers(MIB / 16), NEEDS), FAIL, "sysctl -w"),
                rule(
                        "unused buffers",
                        SystemJudge.socketBuffers(buffers(MIB / 16), ALONE),
                        OK,
                        "don't leave this host"),
                rule("unknown buffers", SystemJudge.socketBuffers(buffers(-1), NEEDS), OK, "not to be read"),
                rule("clock", SystemJudge.clock(new HostFacts.Clock("tsc", 20, true)), OK, "tsc, read in 20 ns"),
                rule("slow source", SystemJudge.clock(new HostFacts.Clock("hpet", 20, true)), WARN, "clocksource"),
                rule("slow clock", SystemJudge.clock(new HostFacts.Clock("tsc", 1000, true)), WARN, "1000 ns"),
                rule("clock of its own", SystemJudge.clock(new HostFacts.Clock("tsc", 20, false)), WARN, "chrony"),
                rule("clock untold", SystemJudge.clock(new HostFacts.Clock("", 20, null)), OK, "clock, read in 20 ns"),
                rule("files", SystemJudge.openFiles(new ProcessFacts.Limits(4096, MIB)), OK, "4096 open files"),
                rule("few files", SystemJudge.openFiles(new ProcessFacts.Limits(2048, -1)), WARN, "ulimit -n 4096"),
                rule("too few files", SystemJudge.openFiles(new ProcessFacts.Limits(256, -1)), FAIL, "ulimit -n 4096"),
                rule("files untold", SystemJudge.openFiles(new ProcessFacts.Limits(-1, -1)), OK, "not to be read"),
                rule("settings", SystemJudge.settings(List.of()), OK, "no problem"),
                rule(
                        "wrong settings",
                        SystemJudge.settings(List.of("a = 1: must be 2", "b: unknown")),
                        FAIL,
                        "b: unknown"),
                rule("localhost", NetworkJudge.loopback(NETWORK), OK, "127.0.0.1"),
                rule("no localhost", NetworkJudge.loopback(network(List.of(), Listening.FREE)), FAIL, "/etc/hosts"),
                rule(
                        "localhost elsewhere",
                        NetworkJudge.loopback(network(List.of(new Resolved("10.0.0.9", false)), Listening.FREE)),
                        FAIL,
                        "10.0.0.9"),
                rule("host name", NetworkJudge.hostName(NETWORK, NEEDS), OK, "h is 10.0.0.1"),
                rule("no host name", NetworkJudge.hostName(named(List.of()), NEEDS), WARN, "--cluster-host"),
                rule(
                        "host name of loopback",
                        NetworkJudge.hostName(named(List.of(new Resolved("127.0.1.1", true))), NEEDS),
                        WARN,
                        "can't reach"),
                rule("no host name needed", NetworkJudge.hostName(named(List.of()), ALONE), OK, "unknown"),
                rule("ports", port(Listening.FREE), OK, "TCP 0.0.0.0:8000 free"),
                rule("taken", port(Listening.TAKEN), FAIL, "is taken", "--port"),
                rule("not ours", port(Listening.NOT_OURS), FAIL, "no address of this host"),
                rule("unresolved", port(Listening.UNRESOLVED), FAIL, "can't be resolved"),
                rule("refused", port(Listening.REFUSED), FAIL, "no right"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"computing", "storing", "system"})
    void shouldSayHowItIsAndWhatToDo(
            final String name, final Finding finding, final Severity severity, final List<String> words) {
        assertThat(finding.severity()).as("%s", finding).isEqualTo(severity);
        assertThat(finding.found() + " " + finding.remedy()).contains(words);
        assertThat(finding.remedy() == null).as("a remedy where one is needed").isEqualTo(severity == OK);
    }

    private static Arguments rule(
            final String name, final Finding finding, final Severity severity, final String... words) {
        return Arguments.of(name, finding, severity, List.of(words));
    }

    private static ProcessFacts.Jvm jvm(
            final int feature, final List<String> missing, final boolean slowed, final long heap) {
        return new ProcessFacts.Jvm(feature, "a VM", missing, slowed, heap);
    }

    private static HostFacts.Cpu cpu(final String architecture, final String... features) {
        return new HostFacts.Cpu(architecture, "a processor", Set.of(features));
    }

    private static HostFacts.Memory memory(final long host, final long available, final long limit, final long used) {
        return new HostFacts.Memory(host * GIB, available * GIB, limit * GIB, used * GIB);
    }

    private static HostFacts.DriverFiles files(final boolean inMemory, final long freeMib) {
        return new HostFacts.DriverFiles("/s", inMemory, GIB, freeMib * MIB, List.of());
    }

    private static HostFacts.SocketBuffers buffers(final long bytes) {
        return new HostFacts.SocketBuffers(bytes, bytes);
    }

    private static NetworkFacts network(final List<Resolved> loopback, final Listening state) {
        return new NetworkFacts(loopback, "h", NETWORK.ownHost(), List.of(HealthyHost.port(state)));
    }

    private static NetworkFacts named(final List<Resolved> own) {
        return new NetworkFacts(NETWORK.loopback(), "h", own, NETWORK.endpoints());
    }

    private static Finding port(final Listening state) {
        return NetworkJudge.ports(network(NETWORK.loopback(), state)).getFirst();
    }
}
