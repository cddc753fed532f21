package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.EmulatedCuda;
import io.cheshire.model.testing.ModelPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The emulator's own test: each of these mistakes, put into the kernels' sources, is found by the checks in C++. */
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "builds the kernels a dozen times: give -Dcheshire.test.long=true")
class PlantedKernelBugsIT {
    private static final long SECONDS = 240;
    private static final int BY_A_CRASH = 128 + 11;

    private static final String WRONG_BITS = "have other bits";
    private static final String TOO_LARGE = "is too large";
    private static final String CRASH = "past the end of memory";

    @TempDir
    private Path folder;

    /** What is planted: where, what stands there, what is put instead, and what shows it. */
    record Mistake(String name, String file, String right, String wrong, String sign) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mistake> mistakes() {
        final String barrier = "  block_sync();\n  for (int p = warp";
        return Stream.of(
                new Mistake("missing barrier", "matmul.cuh", barrier, "  for (int p = warp", WRONG_BITS),
                new Mistake(
                        "divergent barrier",
                        "matmul.cuh",
                        barrier,
                        "  u32 z[4] = {};\n  if (lane & 1) block_sync();\n  else mma_bf16(sum[0][0], z, z);\n"
                                + "  for (int p = warp",
                        "deadlock in block"),
                new Mistake("missing wait for a copy", "matmul.cuh", "copy_wait<1>()", "copy_wait<2>()", WRONG_BITS),
                new Mistake("stale flag", "expert32.cu", "(flag, value)", "(flag, value - 1)", "its flag is stale"),
                new Mistake("write past the end", "expert.cu", "out < outputs", "out <= outputs", CRASH),
                new Mistake("wrong order of slices", "matmul.cuh", "part[slice]", "part[SLICES - slice]", WRONG_BITS),
                new Mistake("rows of nobody", "matmul.cuh", "row_tile0 + n < row_tiles && j", "j", CRASH),
                new Mistake("unmasked key", "attend.cu", "sees ? mul_rn", "r < rows ? mul_rn", WRONG_BITS),
                new Mistake("splits from elsewhere", "attend.cu", "- mine.from / SPLIT;", ";", CRASH),
                new Mistake("a split forgotten", "attend.cu", "s < splits; s++) {", "s < 1; s++) {", TOO_LARGE),
                new Mistake("keys read early", "attend.cu", "    block_sync();\n  };", "  };", WRONG_BITS),
                new Mistake(
                        "a norm too early", "norm.cu", "  block_sync();\n  float total", "  float total", TOO_LARGE),
                new Mistake("half a rotation", "rows.cu", "-mul_rn(b, sine)", "mul_rn(b, sine)", TOO_LARGE),
                new Mistake(
                        "padding of the next row", "pack.cu", "k + 1 < width ? row[k + 1] : 0", "row[k + 1]", CRASH));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void shouldFind(final Mistake mistake) throws IOException {
        final Path sources = ModelPaths.root().resolve("model/src/main/cuda");
        try (Stream<Path> all = Files.list(sources)) {
            all.forEach(source -> copy(source, folder.resolve(source.getFileName())));
        }
        final String text = Files.readString(folder.resolve(mistake.file()));
        assertThat(text).contains(mistake.right());
        Files.writeString(folder.resolve(mistake.file()), text.replace(mistake.right(), mistake.wrong()));
        final EmulatedCuda.Run run = EmulatedCuda.run(
                List.of(
                        EmulatedCuda.smoke().toString(),
                        EmulatedCuda.library(folder).toString(),
                        ModelPaths.root()
                                .resolve("model/src/main/resources/cuda/cheshire.ptx")
                                .toString(),
                        "",
                        "quick"),
                SECONDS);
        if (mistake.sign().equals(CRASH)) {
            assertThat(run.status()).as(run.output()).isEqualTo(BY_A_CRASH);
        } else {
            assertThat(run.status()).as(run.output()).isPositive().isNotEqualTo(BY_A_CRASH);
            assertThat(run.output()).contains(mistake.sign());
        }
    }

    private static void copy(final Path from, final Path to) {
        try {
            Files.copy(from, to);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}
