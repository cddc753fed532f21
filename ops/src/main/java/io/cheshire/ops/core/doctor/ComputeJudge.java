package io.cheshire.ops.core.doctor;

import static io.cheshire.ops.core.doctor.Finding.fail;
import static io.cheshire.ops.core.doctor.Finding.ok;
import static io.cheshire.ops.core.doctor.Finding.unknown;
import static io.cheshire.ops.core.doctor.Finding.warn;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules for what computes. */
final class ComputeJudge {
    private static final int LEAST_JAVA = 25;
    private static final double GB = 1e9;
    /** One channel of slow memory; below it something is wrong with the host, or others use it. */
    private static final double LEAST_BANDWIDTH = 4 * GB;

    private ComputeJudge() {}

    static Finding jvm(final ProcessFacts.Jvm jvm) {
        final String found = jvm.name() + ", heap up to " + SizeText.of(jvm.maxHeapBytes());
        if (jvm.feature() < LEAST_JAVA) {
            return fail("java", found, "install a JDK " + LEAST_JAVA + " and set JAVA_HOME to it");
        }
        if (!jvm.missing().isEmpty()) {
            return fail(
                    "java",
                    found + ", started without " + String.join(" ", jvm.missing()),
                    "start it by ./cheshire, or give it @scripts/jvm.options");
        }
        if (jvm.slowed()) {
            return warn(
                    "java",
                    found + ", started without the CompileCommands of scripts/jvm.options",
                    "give it the whole file: without them vector code is several times slower");
        }
        return ok("java", found);
    }

    /** Which kernels there will be is asked of them; this names what they go by. */
    static Finding cpu(final HostFacts.Cpu cpu) {
        final Set<String> has = cpu.features();
        final String found = cpu.model() + " (" + cpu.architecture() + ")";
        if (!cpu.architecture().equals("amd64") && !cpu.architecture().equals("aarch64")) {
            return fail(
                    "processor",
                    found,
                    "oneDNN runs on x86-64 and arm64; elsewhere only cheshire.device.kernels = reference, which is for"
                            + " checking");
        }
        if (has.isEmpty()) {
            return ok("processor", found);
        }
        final List<String> named =
                List.of("amx_bf16", "avx512_bf16", "avx512f", "avx2", "bf16", "sve", "asimd").stream()
                        .filter(has::contains)
                        .toList();
        final String whole = found + ": " + (named.isEmpty() ? "no vector units known here" : String.join(", ", named));
        if (cpu.architecture().equals("amd64") && !has.contains("avx2")) {
            return warn(
                    "processor",
                    whole,
                    "use one with AVX2 or better: this computes correctly and several times slower. On a virtual"
                            + " machine choose the host's CPU type");
        }
        return ok("processor", whole);
    }

    static Finding kernels(final ProcessFacts.Kernels kernels) {
        return kernels.failure() == null
                ? ok("kernels", String.valueOf(kernels.description()))
                : fail(
                        "kernels",
                        "oneDNN doesn't open: " + kernels.failure(),
                        "its native library is unpacked in the temporary directory, which must allow execution (mount"
                                + " without noexec, or -Dorg.bytedeco.javacpp.cachedir=DIR), and needs libstdc++ and"
                                + " glibc");
    }

    static Finding cores(final ProcessFacts.Cores cores) {
        final String found = cores.available() + " of " + cores.host() + " cores"
                + (cores.quota() == 0 ? "" : String.format(Locale.ROOT, ", limited to %.2f", cores.quota()))
                + (cores.throttled() > 0
                        ? ", stopped in " + cores.throttled() + " of " + cores.periods() + " periods"
                        : "");
        if (cores.threads() > cores.available()) {
            return warn(
                    "cores",
                    found + ", and " + cores.threads() + " threads for a kernel call",
                    "at most " + cores.available() + " threads (cheshire.device.threads, --threads): workers that wait"
                            + " for each other's cores are slower than fewer of them");
        }
        if (cores.quota() > 0) {
            return warn(
                    "cores",
                    found,
                    "take the limit away (Kubernetes: requests without limits.cpu): who is stopped for the rest of a"
                            + " period of 100 ms looks lost to those who wait 200 ms");
        }
        return ok("cores", found);
    }

    static Finding numa(final HostFacts.Numa numa) {
        if (numa.nodes() == 0) {
            return unknown("memory nodes");
        }
        if (numa.nodes() == 1) {
            return ok("memory nodes", "1");
        }
        return numa.allowed() <= 1
                ? ok("memory nodes", numa.nodes() + ", of which this process uses one")
                : warn(
                        "memory nodes",
                        numa.nodes() + ", and this process uses " + numa.allowed(),
                        "run one expert node for each, bound by numactl --cpunodebind=N --membind=N (Kubernetes: the"
                                + " topology manager): another processor's memory is read at half the rate");
    }

    /** No start and no figure of ours depends on them; it is told for comparisons of hosts. */
    static Finding hugePages(final String mode) {
        return mode.isEmpty() ? unknown("huge pages") : ok("huge pages", "transparent: " + mode);
    }

    /** What one token must read bounds how fast tokens of a single sequence come. */
    static Finding bandwidth(final HostFacts.Bandwidth bandwidth, final ModelFacts model) {
        final String bound = model.activeBytes() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; one sequence of this model gets %.0f tokens/s at most",
                        bandwidth.bytesPerSecond() / model.activeBytes());
        final String found = String.format(
                Locale.ROOT,
                "%.1f GB/s read by %d thread%s%s",
                bandwidth.bytesPerSecond() / GB,
                bandwidth.threads(),
                bandwidth.threads() == 1 ? "" : "s",
                bound);
        return bandwidth.bytesPerSecond() < LEAST_BANDWIDTH
                ? warn("bandwidth", found, "see what else runs here: memory is what tokens wait for")
                : ok("bandwidth", found);
    }

    static Finding gpus(final HostFacts.Gpus gpus) {
        final String devices = String.join("; ", gpus.devices());
        if (gpus.unusable() != null) {
            final String found = (devices.isEmpty() ? "none" : devices) + " (" + gpus.unusable() + ")";
            return switch (gpus.use()) {
                case REQUIRED ->
                    fail("gpu", found, "mend that, or set cheshire.device.kernels = auto, which goes on without one");
                case WHERE_THERE_IS_ONE -> ok("gpu", found + "; oneDNN's kernels are used");
                case NONE -> ok("gpu", found + "; none is asked for");
            };
        }
        return switch (gpus.use()) {
            case NONE -> ok("gpu", devices + "; not used: cheshire.device.kernels names other kernels");
            case REQUIRED, WHERE_THERE_IS_ONE -> {
                final String found = devices + "; kernels run on " + gpus.chosen();
                yield gpus.ailing().isEmpty()
                        ? ok("gpu", found)
                        : warn(
                                "gpu",
                                found + "; " + gpus.ailing(),
                                "see nvidia-smi -q and the host's log; a reset or another GPU (cheshire.cuda.device)");
            }
        };
    }
}
