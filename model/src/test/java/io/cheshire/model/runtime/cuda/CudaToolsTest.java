package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.model.runtime.cuda.ffi.CudaFunction;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;
import io.cheshire.model.testing.EmulatedCuda;
import io.cheshire.model.testing.ModelPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What NVIDIA's compiler says of the kernels, and its header of the functions that we call; where they are here. */
class CudaToolsTest {
    private static final long SECONDS = 240;
    private static final Path PTX = ModelPaths.root().resolve("model/src/main/resources/cuda/cheshire.ptx");
    private static final Path TABLE = ModelPaths.root().resolve("docs/gpu-kernels.md");
    private static final int SHARED_LIMIT_BYTES = 48 << 10;
    private static final Pattern KERNEL = Pattern.compile(
            "entry function '(\\w+)'.*?(\\d+) bytes spill stores, (\\d+) bytes spill loads"
                    + ".*?Used (\\d+) registers([^\\n]*)",
            Pattern.DOTALL);
    private static final Pattern VERSION = Pattern.compile("V([0-9.]+)");
    private static final Map<Integer, Map<String, Use>> COMPILED = new ConcurrentHashMap<>();
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");
    /** The most a thread may have: with more, fewer blocks share a multiprocessor than the kernels are written for. */
    private static final List<Map.Entry<Pattern, Integer>> REGISTERS = List.of(
            Map.entry(Pattern.compile("(gate_up|down|linear)_t128"), 200),
            Map.entry(Pattern.compile("(gate_up|down|linear)_(r8|r16|t64)"), 128),
            Map.entry(Pattern.compile("attend_d\\d+_r4"), 128),
            Map.entry(Pattern.compile("combine_norm_\\w+"), 80));

    private static final int REGISTERS_OF_OTHERS = 64;

    @TempDir
    private Path folder;

    /** What a kernel takes on one architecture. */
    private record Use(int registers, int sharedBytes) {}

    @ParameterizedTest
    @MethodSource("architectures")
    void shouldCompileForEveryArchitectureWithoutSpilling(final int architecture) {
        assumeTrue(EmulatedCuda.canRun("ptxas"), "no ptxas: the shipped PTX isn't compiled here");
        uses(architecture).forEach((name, use) -> {
            assertThat(use.registers()).as("registers of %s", name).isLessThanOrEqualTo(mostRegisters(name));
            assertThat(use.sharedBytes()).as("shared memory of %s", name).isLessThanOrEqualTo(SHARED_LIMIT_BYTES);
        });
    }

    @Test
    void shouldTellOfEveryKernelWhatTheCompilerTells() throws IOException {
        assumeTrue(EmulatedCuda.canRun("ptxas"), "no ptxas: the table of kernels isn't made anew here");
        final String table = table();
        if (Boolean.getBoolean("cheshire.test.write-kernel-table")) {
            Files.writeString(TABLE, table);
        }
        final String written = Files.readString(TABLE);
        assumeTrue(written.contains(compiler()), "another ptxas than the one that made the table");
        assertThat(written)
                .as("run this test with -Dcheshire.test.write-kernel-table=true")
                .isEqualTo(table);
    }

    private String table() throws IOException {
        final StringBuilder text = new StringBuilder("""
                # Kernels of GPUs, as the compiler sees them

                Registers of a thread on each architecture, and bytes of shared memory of a block; no kernel spills. Of
                the PTX `%s…`, by %s. Written by `CudaToolsTest` with
                `-Dcheshire.test.write-kernel-table=true`; [gpu.md](gpu.md) says what the kernels do.

                | kernel | threads | shared | %s |
                |---|--:|--:|%s
                """.formatted(
                CudaSourcesTest.ptxHash().substring(0, CudaSourcesTest.HASH_DIGITS),
                compiler(),
                architectures().mapToObj(architecture -> "sm_" + architecture).collect(Collectors.joining(" | ")),
                "--:|".repeat((int) architectures().count())));
        for (final CudaKernel kernel : CudaKernel.values()) {
            final List<Use> uses = architectures()
                    .mapToObj(architecture -> uses(architecture).get(kernel.symbol()))
                    .toList();
            text.append("| `%s` | %d | %s | %s |\n"
                    .formatted(
                            kernel.symbol(),
                            kernel.threads(),
                            uses.stream()
                                    .map(use -> String.format(Locale.ROOT, "%,d", use.sharedBytes()))
                                    .distinct()
                                    .collect(Collectors.joining(" to ")),
                            uses.stream()
                                    .map(use -> Integer.toString(use.registers()))
                                    .collect(Collectors.joining(" | "))));
        }
        return text.toString();
    }

    private static String compiler() {
        final Matcher version = VERSION.matcher(
                EmulatedCuda.run(List.of("ptxas", "--version"), SECONDS).output());
        assertThat(version.find()).isTrue();
        return "ptxas " + version.group(1);
    }

    private static IntStream architectures() {
        return IntStream.of(80, 86, 90, 100, 120);
    }

    /** By kernel; compiled once for all tests. */
    private Map<String, Use> uses(final int architecture) {
        return COMPILED.computeIfAbsent(architecture, this::compile);
    }

    private Map<String, Use> compile(final int architecture) {
        final EmulatedCuda.Run run = EmulatedCuda.run(
                List.of(
                        "ptxas",
                        "-v",
                        "-arch=sm_" + architecture,
                        PTX.toString(),
                        "-o",
                        folder.resolve("out").toString()),
                SECONDS);
        assertThat(run.status()).as(run.output()).isZero();
        final Map<String, Use> uses = new TreeMap<>();
        final Matcher kernel = KERNEL.matcher(run.output());
        while (kernel.find()) {
            final Matcher shared = SHARED.matcher(kernel.group(5));
            assertThat(kernel.group(2) + kernel.group(3))
                    .as("spills of %s", kernel.group(1))
                    .isEqualTo("00");
            uses.put(
                    kernel.group(1),
                    new Use(Integer.parseInt(kernel.group(4)), shared.find() ? Integer.parseInt(shared.group(1)) : 0));
        }
        assertThat(uses).hasSize(CudaKernel.values().length);
        return uses;
    }

    private static int mostRegisters(final String kernel) {
        return REGISTERS.stream()
                .filter(limit -> limit.getKey().matcher(kernel).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(REGISTERS_OF_OTHERS);
    }

    @Test
    void shouldGiveTheShippedBytesAgain() throws IOException {
        assumeTrue(EmulatedCuda.canRun("nvcc"), "no nvcc: the PTX isn't made anew here");
        final EmulatedCuda.Run run = EmulatedCuda.run(
                List.of(
                        "sh",
                        ModelPaths.root().resolve("scripts/build-cuda-kernels").toString(),
                        folder.toString()),
                SECONDS);
        assertThat(run.status()).as(run.output()).isZero();
        final String made = Files.readString(folder.resolve("cheshire.properties"));
        final String shipped = Files.readString(PTX.resolveSibling("cheshire.properties"));
        assumeTrue(
                made.substring(made.indexOf("nvcc=")).equals(shipped.substring(shipped.indexOf("nvcc="))),
                "another nvcc than the one that made the PTX");
        assertThat(folder.resolve("cheshire.ptx")).hasSameBinaryContentAs(PTX);
        assertThat(made).isEqualTo(shipped);
    }

    @Test
    void shouldCallFunctionsAsTheHeaderDeclaresThem() throws IOException {
        final Path header = Path.of("/usr/local/cuda/include/cuda.h");
        final Path versioned = Path.of("/usr/local/cuda-13.0/include/cuda.h");
        final Path found = Files.exists(header) ? header : versioned;
        assumeTrue(Files.exists(found) && EmulatedCuda.canRun("g++"), "no cuda.h: signatures aren't compared here");
        final Path source = folder.resolve("abi.cpp");
        Files.writeString(source, assertions("#include <cuda.h>\n"));
        assertCompiles(source, "-I" + found.getParent());
    }

    @Test
    void shouldCallTheEmulatedFunctionsAsTheyAreDeclared() throws IOException {
        assumeTrue(
                EmulatedCuda.canRun("g++") && System.getProperty("os.arch").equals("amd64"),
                "no g++: no emulator here");
        final Path source = folder.resolve("abi.cpp");
        Files.writeString(source, assertions("#include \"libcuda_emu.cpp\"\n"));
        assertCompiles(
                source,
                "-I" + ModelPaths.root().resolve("model/src/main/cuda"),
                "-I" + ModelPaths.root().resolve("model/src/test/cuda"));
    }

    private void assertCompiles(final Path source, final String... includes) {
        final List<String> command = new java.util.ArrayList<>(
                List.of("g++", "-std=c++17", "-fsyntax-only", "-mavx2", "-w", source.toString()));
        command.addAll(List.of(includes));
        final EmulatedCuda.Run run = EmulatedCuda.run(command, SECONDS);
        assertThat(run.status()).as(run.output()).isZero();
    }

    /** Number of parameters, and the size of each. */
    private static String assertions(final String include) {
        final StringBuilder text = new StringBuilder(include).append("""
                #include <stddef.h>
                template<class> struct F;
                template<class R, class... A> struct F<R(A...)> {
                  static constexpr bool is(const int* b, int n) {
                    const size_t a[] = {sizeof(A)...};
                    bool same = n == sizeof...(A) && sizeof(R) == 4;
                    for (int i = 0; same && i < n; i++) same = a[i] == (size_t)b[i];
                    return same;
                  }
                };
                """);
        for (final CudaFunction function : CudaFunction.values()) {
            final String bytes = function.parameters().stream()
                    .map(layout -> layout.equals(ADDRESS) ? "8" : Long.toString(layout.byteSize()))
                    .collect(Collectors.joining(", "));
            text.append("""
                    constexpr int b_%1$s[] = {%2$s};
                    static_assert(F<decltype(%1$s)>::is(b_%1$s, %3$d), "%1$s");
                    """.formatted(
                            function.symbol(), bytes, function.parameters().size()));
        }
        return text.toString();
    }
}
