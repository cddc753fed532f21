package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.runtime.cuda.stream.CudaKernel;
import io.cheshire.model.testing.ModelPaths;
import io.cheshire.model.testing.TestHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The PTX that is shipped, without any tool of NVIDIA's: is it of these sources, and what we launch? */
class CudaSourcesTest {
    private static final Path RESOURCES = ModelPaths.root().resolve("model/src/main/resources/cuda");
    /** Of a hash, in the table of kernels. */
    static final int HASH_DIGITS = 16;

    private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(([^)]*)\\)\\s*\\.maxntid (\\d+)");
    private static final Pattern PARAMETER = Pattern.compile("\\.param \\.[uf](\\d+)");
    /** Sums and products that a compiler may join, or round as it likes. */
    private static final Pattern UNROUNDED = Pattern.compile(
            "^\\s*(add|sub|mul|mad|fma|div|sqrt|ex2|rcp|lg2|tanh|sin|cos|rsqrt)"
                    + "(\\.(approx|ftz|full|sat))*\\.f(16|32|64)\\b",
            Pattern.MULTILINE);

    @Test
    void shouldShipWhatTheSourcesGive() throws IOException {
        final Properties properties = new Properties();
        properties.load(Files.newBufferedReader(RESOURCES.resolve("cheshire.properties")));
        assertThat(TestHash.of(ModelPaths.root().resolve("model/src/main/cuda")))
                .as("sources changed: run scripts/build-cuda-kernels")
                .isEqualTo(properties.getProperty("sources.sha256"));
        assertThat(ptxHash()).isEqualTo(properties.getProperty("ptx.sha256"));
    }

    /** In hexadecimal digits. */
    static String ptxHash() throws IOException {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(RESOURCES.resolve("cheshire.ptx")));
            return HexFormat.of().formatHex(digest.digest());
        } catch (final NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Without NVIDIA's compiler: the table is of this PTX, and of all kernels. */
    @Test
    void shouldTellOfEveryKernelInTheDocs() throws IOException {
        final List<String> table = Files.readAllLines(ModelPaths.root().resolve("docs/gpu-kernels.md"));
        final String hash = ptxHash().substring(0, HASH_DIGITS);
        assertThat(table)
                .as("run CudaToolsTest with -Dcheshire.test.write-kernel-table=true")
                .anyMatch(line -> line.contains("`" + hash + "…`"));
        for (final CudaKernel kernel : CudaKernel.values()) {
            assertThat(table).anyMatch(line -> line.startsWith("| `" + kernel.symbol() + "` | " + kernel.threads()));
        }
    }

    @Test
    void shouldLaunchEveryKernelWithItsParametersAndThreads() throws IOException {
        final List<String> shipped = new ArrayList<>();
        final Matcher entry = ENTRY.matcher(ptx());
        while (entry.find()) {
            final List<Integer> bytes = PARAMETER
                    .matcher(entry.group(2))
                    .results()
                    .map(found -> Integer.parseInt(found.group(1)) / Byte.SIZE)
                    .toList();
            shipped.add(entry.group(1) + " " + entry.group(3) + " " + bytes);
        }
        final List<String> launched = new ArrayList<>();
        for (final CudaKernel kernel : CudaKernel.values()) {
            launched.add(kernel.symbol() + " " + kernel.threads() + " " + kernel.parameterBytes());
        }
        assertThat(shipped).containsExactlyInAnyOrderElementsOf(launched);
    }

    @Test
    void shouldRoundEveryOperationAsIeeeSays() throws IOException {
        final String ptx = ptx();
        assertThat(UNROUNDED.matcher(ptx).results().map(found -> found.group().strip()))
                .isEmpty();
        assertThat(ptx).contains("add.rn.f32", "fma.rn.f32", "div.rn.f32", "mma.sync.aligned.m16n8k16");
    }

    @Test
    void shouldNotNeedANewDriver() throws IOException {
        assertThat(ptx()).contains("\n.version 7.4\n", "\n.target sm_80\n");
    }

    private static String ptx() throws IOException {
        return Files.readString(RESOURCES.resolve("cheshire.ptx"), StandardCharsets.US_ASCII);
    }
}
