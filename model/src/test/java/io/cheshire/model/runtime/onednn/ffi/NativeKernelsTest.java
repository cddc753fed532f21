package io.cheshire.model.runtime.onednn.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.model.testing.ModelPaths;
import io.cheshire.model.testing.TestHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library that is shipped: is it of these sources, and does it matter where it can't be had? */
class NativeKernelsTest {
    private static final String PLATFORM = "linux-x86_64";
    private static final Path SHIPPED = ModelPaths.root().resolve("model/src/main/resources/native/" + PLATFORM);
    private static final String LIBRARY = "libcheshire_groups.so";
    private static final long SECONDS = 120;

    @TempDir
    private Path folder;

    @Test
    void shouldShipWhatTheSourcesGive() throws Exception {
        final Properties properties = properties(SHIPPED);
        assertThat(TestHash.of(ModelPaths.root().resolve("model/src/main/native")))
                .as("sources changed: run scripts/build-native-kernels")
                .isEqualTo(properties.getProperty("sources.sha256"));
        final byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(SHIPPED.resolve(LIBRARY)));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(properties.getProperty("library.sha256"));
    }

    @Test
    void shouldGiveTheSameBytesWhereItIsBuiltAgain() throws Exception {
        final Properties properties = properties(SHIPPED);
        assumeTrue(
                firstLine("gcc", "-dumpfullversion").equals(properties.getProperty("gcc"))
                        && firstLine("gcc", "--version").contains("Debian 12")
                        && firstLine("ld", "--version").endsWith(" " + properties.getProperty("ld")),
                "no gcc " + properties.getProperty("gcc") + " of Debian 12: the library isn't built here");
        final String script =
                ModelPaths.root().resolve("scripts/build-native-kernels").toString();
        final Process build =
                new ProcessBuilder(script, folder.toString()).inheritIO().start();
        assertThat(build.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(build.exitValue()).isZero();
        assertThat(folder.resolve(LIBRARY)).hasSameBinaryContentAs(SHIPPED.resolve(LIBRARY));
        assertThat(properties(folder)).isEqualTo(properties);
    }

    @Test
    void shouldUnpackItOnceAndAgainWhereTheFileIsDamaged() throws IOException {
        final Path first = ShippedLibrary.unpack(PLATFORM, folder.resolve("new"));
        assertThat(first).hasSameBinaryContentAs(SHIPPED.resolve(LIBRARY));
        Files.write(first, new byte[] {1, 2, 3});
        assertThat(ShippedLibrary.unpack(PLATFORM, folder.resolve("new")))
                .isEqualTo(first)
                .hasSameBinaryContentAs(SHIPPED.resolve(LIBRARY));
        assertThat(folder.resolve("new")).isDirectoryContaining(file -> file.equals(first));
    }

    @Test
    void shouldHaveNoneWhereThereIsNoLibrary() throws IOException {
        assertThat(ShippedLibrary.unpack("toaster", folder)).isNull();
        final Path broken = Files.write(folder.resolve("broken.so"), new byte[] {1, 2, 3});
        final NativeKernels kernels = NativeKernels.of(broken);
        assertThat(kernels.all()).isEmpty();
        assertThat(kernels.absence()).startsWith("the library can't be opened");
    }

    private static Properties properties(final Path in) throws IOException {
        final Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(in.resolve("libcheshire_groups.properties"))) {
            properties.load(reader);
        }
        return properties;
    }

    private static String firstLine(final String... command) {
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var lines = process.inputReader()) {
                final String line = lines.readLine();
                return line == null ? "" : line;
            }
        } catch (final IOException absent) {
            return "";
        }
    }
}
