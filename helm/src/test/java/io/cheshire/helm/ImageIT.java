package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The image: what is in it, that it starts as Kubernetes starts it, and that the same input gives the same digest. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class ImageIT {
    private static final double MIB = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void shouldHoldEveryJarOfItsClassPathAndNoneOfAnotherPlatform() throws IOException {
        final List<String> jars = names(ImageTree.root().resolve("app/lib"));
        final List<String> classPath = Stream.of(
                        Files.readString(ImageTree.root().resolve("app/classpath"))
                                .strip()
                                .split(":", -1))
                .map(path -> path.replace("/app/lib/", ""))
                .toList();

        assertThat(classPath).containsExactlyInAnyOrderElementsOf(jars);
        assertThat(jars)
                .anyMatch(jar -> jar.startsWith("dnnl-") && jar.endsWith("-linux-x86_64.jar"))
                .anyMatch(jar -> jar.startsWith("cheshire-benchmarks-"))
                .noneMatch(jar -> jar.startsWith("cheshire-chaos-tests-"))
                .noneMatch(jar -> jar.matches(".*-(osx|macosx|windows|linux-(aarch|arm|ppc|riscv|s390)).*"));
    }

    @Test
    void shouldHoldTheSmallModelAndWhatOperatorsNeedWithoutANetwork() throws IOException {
        final Path app = ImageTree.root().resolve("app");

        assertThat(names(app.resolve("models/cheshire-mini"))).contains("config.json", "model.safetensors");
        assertThat(names(app.resolve("resources/docs"))).contains("runbook.md", "operations.md");
        assertThat(names(app.resolve("resources/dashboards"))).contains("overview.json");
        assertThat(app.resolve("resources/LICENSE")).exists();
        assertThat(Files.readString(app.resolve("jvm.options"))).doesNotContain("-Xmx");
        assertThat(ImageTree.entrypoint()).noneMatch(argument -> argument.startsWith("-Xmx"));
    }

    @Test
    void shouldAnswerAsAnotherUserOnAReadOnlyRoot() throws Exception {
        final ImageProcess image = new ImageProcess(directory, 256);
        final int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        final long startNs = System.nanoTime();
        final Process process = image.start(
                List.of("serve", "--nodes", "4", "--port", Integer.toString(port), "--ops-port", "0"),
                Map.of("JDK_JAVA_OPTIONS", "-Xmx256m"));
        try (JsonClient api = new JsonClient(port)) {
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(process.isAlive())
                                .as(Chart.read(image.log()))
                                .isTrue();
                        return isReady(api);
                    });
            System.out.printf("the image was ready after %.1f s%n", (System.nanoTime() - startNs) / 1e9);

            final JsonNode answer = api.post(
                            "/v1/chat/completions",
                            Map.of(
                                    "temperature",
                                    0,
                                    "max_tokens",
                                    40,
                                    "messages",
                                    List.of(Map.of("role", "user", "content", "What is 17 + 25?"))))
                    .ok();
            assertThat(answer.at("/choices/0/message/content").asText()).contains("42");
            assumeThat(ImageProcess.hasOwnRoot())
                    .as("not root: neither the read-only root nor user 65532 is shown")
                    .isTrue();
            final Path proc = Path.of("/proc", Long.toString(process.pid()));
            assertThat(Files.readString(proc.resolve("status")))
                    .contains("Uid:\t65532\t65532\t65532\t65532")
                    .contains("CapEff:\t0000000000000000");
            assertThat(Files.readAllLines(proc.resolve("mountinfo")))
                    .anyMatch(mount -> mount.split(" ", -1)[4].equals("/") && mount.split(" ", -1)[5].startsWith("ro"));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static boolean isReady(final JsonClient api) throws InterruptedException {
        try {
            return api.get("/ready").status() == 200;
        } catch (final IOException notYet) {
            return false;
        }
    }

    /** Packs it twice, from trees in different places and of different times, with nothing kept between. */
    @Test
    @EnabledIfSystemProperty(named = "cheshire.image", matches = "true", disabledReason = "starts Maven twice")
    void shouldGetTheSameDigestWhereverAndWheneverItIsPacked() throws Exception {
        final Path base = ImageBuild.base(Files.createDirectories(directory.resolve("base")));
        final Path copy = directory.resolve("elsewhere/image");
        copy(ImageTree.root(), copy);

        final ImageBuild one = ImageBuild.of(ImageTree.root(), base, directory.resolve("one"));
        final ImageBuild other = ImageBuild.of(copy, base, directory.resolve("other"));

        one.layers()
                .forEach(layer -> System.out.printf(
                        "%8.1f MiB  %3d files%s%n",
                        layer.packedBytes() / MIB,
                        layer.files().size(),
                        layer.files().stream()
                                .findFirst()
                                .map(file -> ", such as " + file)
                                .orElse("")));
        System.out.printf(
                "%8.1f MiB  %s%n",
                one.layers().stream().mapToLong(ImageBuild.Layer::packedBytes).sum() / MIB, one.digest());
        assertThat(one.digest()).matches("sha256:[0-9a-f]{64}").isEqualTo(other.digest());
        final TreeSet<String> packed = new TreeSet<>();
        one.layers().forEach(layer -> packed.addAll(layer.files()));
        packed.removeIf(file -> file.startsWith("app/jib-"));
        assertThat(packed).containsExactlyElementsOf(new TreeSet<>(files(ImageTree.root())));
        final JsonNode container = one.config().get("config");
        assertThat(container.get("User").asText()).isEqualTo("65532:65532");
        assertThat(container.get("Entrypoint").valueStream().map(JsonNode::asText))
                .containsExactlyElementsOf(ImageTree.entrypoint());
        assertThat(container.get("Env").valueStream().map(JsonNode::asText)).contains("OMP_WAIT_POLICY=PASSIVE");
        assertThat(container.get("ExposedPorts").fieldNames())
                .toIterable()
                .contains("8000/tcp", "9090/tcp", "2551/tcp", "40100/udp", "40100/tcp");
        assertThat(container
                        .get("Labels")
                        .path("org.opencontainers.image.licenses")
                        .asText())
                .isEqualTo("Apache-2.0");
        assertThat(one.config().get("created").asText()).isEqualTo("2026-11-23T00:00:00Z");
    }

    private static List<String> names(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static List<String> files(final Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> tree.relativize(file).toString())
                    .toList();
        }
    }

    private static void copy(final Path tree, final Path to) throws IOException {
        final List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(tree)) {
            found.forEach(files::add);
        }
        for (final Path file : files) {
            final Path target = to.resolve(tree.relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(target);
            } else {
                Files.copy(file, target);
            }
        }
    }
}
