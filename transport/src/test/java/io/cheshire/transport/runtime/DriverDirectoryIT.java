package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A media driver's files are ours, and nothing else is: not what lies beside them, behind a link, or of a process that
 * lives.
 */
class DriverDirectoryIT {
    private static final String SAYS = "directory: ";

    private static TransportConfig config(final Path directory) {
        return config(directory, "");
    }

    private static TransportConfig config(final Path directory, final String name) {
        return SettingReader.read(
                ConfigFactory.parseString("cheshire.transport.driver { mode = invoker, directory = \"" + directory
                                + "\", name = \"" + name + "\" }")
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve(),
                TransportConfig::from);
    }

    private static List<Path> in(final Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    @Test
    void shouldLeaveEveryFileAloneWhenTheNamedDirectoryHoldsSome(@TempDir final Path home) throws IOException {
        final Path named = Files.createDirectory(home.resolve("data"));
        final Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        final Path file = Files.writeString(named.resolve("precious"), "1");
        final Path other = Files.writeString(elsewhere.resolve("precious"), "2");
        Files.createSymbolicLink(named.resolve("link"), elsewhere);

        try (DataPlane plane = DataPlane.launch(config(named))) {
            assertThat(Path.of(plane.directory())).startsWith(named).isNotEqualTo(named);
            assertThat(file).hasContent("1");
            assertThat(other).hasContent("2");
        }

        assertThat(file).hasContent("1");
        assertThat(other).hasContent("2");
        assertThat(in(named)).containsExactly(named.resolve("link"), file);
    }

    @Test
    void shouldLeaveEveryFileAloneWhenALinkIsNamed(@TempDir final Path home) throws IOException {
        final Path real = Files.createDirectory(home.resolve("real"));
        final Path file = Files.writeString(real.resolve("precious"), "1");
        final Path link = Files.createSymbolicLink(home.resolve("link"), real);

        DataPlane.launch(config(link)).close();

        assertThat(file).hasContent("1");
        assertThat(link).isSymbolicLink();
        assertThat(in(real)).containsExactly(file);
    }

    @Test
    void shouldLeaveALinkInItsOwnDirectoryUnfollowedWhenItEnds(@TempDir final Path home) throws IOException {
        final Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        final Path other = Files.writeString(elsewhere.resolve("precious"), "2");
        final Path named = home.resolve("data");
        try (DataPlane plane = DataPlane.launch(config(named))) {
            Files.createSymbolicLink(Path.of(plane.directory()).resolve("link"), elsewhere);
        }
        assertThat(other).hasContent("2");
        assertThat(in(named)).isEmpty();
    }

    @Test
    void shouldGiveEachItsOwnDriverWhenTwoNameOneDirectory(@TempDir final Path named) throws IOException {
        try (DataPlane first = DataPlane.launch(config(named))) {
            final Path file = Path.of(first.directory()).resolve("cnc.dat");
            final Object key = Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                    .fileKey();
            DataPlane.launch(config(named)).close();
            assertThat(Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                            .fileKey())
                    .isEqualTo(key);
        }
        assertThat(in(named)).isEmpty();
    }

    @Test
    void shouldRefuseAHostDriverWhereSomethingIs(@TempDir final Path named) throws IOException {
        final Path file = Files.writeString(named.resolve("precious"), "1");
        assertThatThrownBy(() -> DataPlane.launchHostDriver(config(named), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named.toString());
        assertThat(file).hasContent("1");
    }

    @Test
    void shouldSweepWhatAKilledProcessLeftAndNothingElse(@TempDir final Path named) throws Exception {
        final Path stranger = Files.createDirectory(named.resolve("cheshire-1-of-somebody-else"));
        final Path file = Files.writeString(stranger.resolve("precious"), "1");
        final Path link = Files.createSymbolicLink(named.resolve("cheshire-2-link"), stranger);
        final Process killed = other(named);
        final Process living = other(named);
        try {
            final Path left = Path.of(directoryOf(killed));
            final Path used = Path.of(directoryOf(living));
            killed.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            assertThat(left.resolve("cnc.dat")).exists();

            DataPlane.launch(config(named)).close();

            assertThat(left.getParent()).doesNotExist();
            assertThat(used.resolve("cnc.dat")).exists();
            assertThat(living.isAlive()).isTrue();
            assertThat(file).hasContent("1");
            assertThat(in(named)).containsExactlyInAnyOrder(stranger, link, used.getParent());
        } finally {
            killed.destroyForcibly();
            living.destroyForcibly();
        }
    }

    @Test
    void shouldCleanAndUseAnewWhatAKilledProcessLeftUnderItsName(@TempDir final Path base) throws Exception {
        final Path driver = base.resolve("cheshire-pod/aeron");
        for (int start = 0; start < 2; start++) {
            final Process killed = other(base, "pod");
            try {
                assertThat(directoryOf(killed)).isEqualTo(driver.toString());
            } finally {
                killed.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            }
            Files.writeString(driver.resolve("left"), "of the killed one");
        }

        DataPlane.launch(config(base)).close();
        assertThat(driver.resolve("left"))
                .as("whoever has another name leaves it alone")
                .exists();

        try (DataPlane plane = DataPlane.launch(config(base, "pod"))) {
            assertThat(plane.directory()).isEqualTo(driver.toString());
            assertThat(driver.resolve("left")).doesNotExist();
            assertThat(driver.resolve("cnc.dat")).exists();
        }
        assertThat(in(base)).isEmpty();
    }

    @Test
    void shouldRefuseTheNameOfAProcessThatLives(@TempDir final Path base) throws Exception {
        final Process living = other(base, "pod");
        try {
            final Path used = Path.of(directoryOf(living));

            assertThatThrownBy(() -> DataPlane.launch(config(base, "pod")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(
                            base.resolve("cheshire-pod").toString(),
                            "process " + living.pid() + " has its media driver there",
                            "cheshire.transport.driver.name");

            assertThat(used.resolve("cnc.dat")).exists();
            assertThat(living.isAlive()).isTrue();
        } finally {
            living.destroyForcibly();
        }
    }

    @Test
    void shouldRefuseANameTwiceInOneProcess(@TempDir final Path base) {
        for (int time = 0; time < 2; time++) {
            try (DataPlane first = DataPlane.launch(config(base, "pod"))) {
                for (int refusal = 0; refusal < 2; refusal++) {
                    assertThatThrownBy(() -> DataPlane.launch(config(base, "pod")))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("already");
                }
                assertThat(Path.of(first.directory()).resolve("cnc.dat")).exists();
            }
        }
    }

    @Test
    void shouldLeaveFilesAloneThatNoProcessOfTheNameMade(@TempDir final Path base) throws IOException {
        final Path named = Files.createDirectory(base.resolve("cheshire-pod"));
        final Path file = Files.writeString(named.resolve("precious"), "1");

        for (int time = 0; time < 2; time++) {
            assertThatThrownBy(() -> DataPlane.launch(config(base, "pod")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(named.toString(), "left alone");
            assertThat(file).hasContent("1");
        }
    }

    @Test
    void shouldFollowNoLinkThatHasTheName(@TempDir final Path base) throws IOException {
        final Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
        final Path file = Files.writeString(elsewhere.resolve("precious"), "1");
        Files.createSymbolicLink(base.resolve("cheshire-pod"), elsewhere);

        assertThatThrownBy(() -> DataPlane.launch(config(base, "pod")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("left alone");

        assertThat(file).hasContent("1");
        assertThat(in(elsewhere)).containsExactly(file);
    }

    /** The kill may come between the directory and its mark. */
    @Test
    void shouldUseADirectoryWithNothingInItButHalfAMark(@TempDir final Path base) throws IOException {
        final Path named = Files.createDirectory(base.resolve("cheshire-pod"));
        Files.writeString(named.resolve("cheshire.owner"), "media driver of a che");

        DataPlane.launch(config(base, "pod")).close();

        assertThat(in(base)).isEmpty();
    }

    /** A process with a media driver there, which says where. */
    private static Process other(final Path base) throws IOException {
        return other(base, "");
    }

    private static Process other(final Path base, final String name) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(Driver.class.getName(), base.toString(), name));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String directoryOf(final Process process) throws IOException {
        final BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(SAYS)) {
                return line.substring(SAYS.length());
            }
        }
        throw new AssertionError("the process ended without a word on its directory");
    }

    /** Has a media driver until it is killed. */
    static final class Driver {
        private Driver() {}

        public static void main(final String[] arguments) throws InterruptedException {
            try (DataPlane plane = DataPlane.launch(config(Path.of(arguments[0]), arguments[1]))) {
                System.out.println(SAYS + plane.directory());
                System.out.flush();
                Thread.currentThread().join();
            }
        }
    }
}
