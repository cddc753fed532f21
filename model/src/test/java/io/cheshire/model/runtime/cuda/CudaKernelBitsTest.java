package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.EmulatedCuda;
import io.cheshire.model.testing.ModelPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every kernel by the driver's functions alone, in C++: all tilings, batches of 1 to 130 rows and orders of threads
 * give a row the same bits, and those bits are the ones that are checked in, for both kinds of tensor core.
 */
class CudaKernelBitsTest {
    private static final Path GOLDEN =
            ModelPaths.root().resolve("model/src/main/resources/cuda/golden-bits.properties");
    private static final Path PTX = ModelPaths.root().resolve("model/src/main/resources/cuda/cheshire.ptx");
    private static final Pattern HASH = Pattern.compile("hash (\\w+) (\\d+),(\\d+) (\\w+)");
    private static final long SECONDS = 120;

    @Test
    void shouldGiveTheBitsThatAreCheckedIn() throws IOException {
        final List<String> actual = new ArrayList<>();
        actual.addAll(bits("f25k16", "arch=90"));
        actual.addAll(bits("f24k8", "arch=80 seed=7"));
        if (Boolean.getBoolean("cheshire.test.write-golden-bits")) {
            write(actual);
        }
        assertThat(actual)
                .as("numerics changed: raise CudaDevice.REVISION and run this with"
                        + " -Dcheshire.test.write-golden-bits=true")
                .isEqualTo(Files.readAllLines(GOLDEN).stream()
                        .filter(line -> !line.startsWith("#"))
                        .toList());
    }

    private static void write(final List<String> lines) throws IOException {
        final List<String> all = new ArrayList<>(List.of(
                "# What every kernel gives for fixed inputs (smoke.cpp), by the model of each kind of tensor core:",
                "# FNV-1a of its output. Written by CudaKernelBitsTest with -Dcheshire.test.write-golden-bits=true."));
        all.addAll(lines);
        Files.write(GOLDEN, all);
    }

    private static List<String> bits(final String tensorCore, final String device) {
        final EmulatedCuda.Run run = EmulatedCuda.run(
                List.of(
                        EmulatedCuda.smoke().toString(),
                        EmulatedCuda.library(ModelPaths.root().resolve("model/src/main/cuda"))
                                .toString(),
                        PTX.toString(),
                        device),
                SECONDS);
        assertThat(run.output()).endsWith("ALL RIGHT\n");
        return HASH.matcher(run.output())
                .results()
                .map(hash -> tensorCore + "." + hash.group(1) + "." + hash.group(2) + "x" + hash.group(3) + "="
                        + hash.group(4))
                .toList();
    }
}
