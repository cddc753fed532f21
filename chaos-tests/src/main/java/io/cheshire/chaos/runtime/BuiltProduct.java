package io.cheshire.chaos.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The built product, as {@code ./cheshire} runs it: its libraries, and the archive of loaded classes that spares every one of a
 * cluster's processes half of its start. Safe from any thread.
 */
final class BuiltProduct {
    private static final String MAIN = "io.cheshire.ops.runtime.cli.Main";
    private static final long ARCHIVE_LIMIT_S = 120;

    private BuiltProduct() {}

    /**
     * Everything before the subcommand. Makes the archive if it is missing or older than a library.
     *
     * @throws IllegalStateException the product was not built
     */
    static synchronized List<String> command() {
        final Path root = TestServer.root();
        final Path dist = root.resolve("ops/target/dist");
        final Path archive = dist.resolve("cheshire.jsa");
        try {
            if (isStale(archive, dist.resolve("lib"))) {
                make(root, dist, archive);
            }
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot look at the built product in " + dist, cause);
        }
        return java(root, dist, List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive));
    }

    private static boolean isStale(final Path archive, final Path libraries) throws IOException {
        if (!Files.isDirectory(libraries)) {
            throw new IllegalStateException(
                    libraries + " is missing; build it with ./mvnw -DskipTests package, or by any ./cheshire command");
        }
        if (!Files.exists(archive)) {
            return true;
        }
        final long madeMs = Files.getLastModifiedTime(archive).toMillis();
        try (Stream<Path> jars = Files.list(libraries)) {
            return jars.anyMatch(jar -> jar.toFile().lastModified() > madeMs);
        }
    }

    /** Without it all works, only slower: a failure here is none of the caller's. */
    private static void make(final Path root, final Path dist, final Path archive) throws IOException {
        final Path unfinished =
                dist.resolve("cheshire.jsa." + ProcessHandle.current().pid());
        final List<String> command =
                new ArrayList<>(java(root, dist, List.of("-XX:ArchiveClassesAtExit=" + unfinished)));
        command.addAll(List.of("serve", "--port", "0", "--ops-port", "0", "--exit-when-ready"));
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (process.waitFor(ARCHIVE_LIMIT_S, TimeUnit.SECONDS) && Files.exists(unfinished)) {
                Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(unfinished);
        }
    }

    private static List<String> java(final Path root, final Path dist, final List<String> flags) {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("scripts/jvm.options"),
                "-XX:+UseSerialGC",
                "-Xmx768m",
                "-Xlog:disable",
                "-Xlog:all=off",
                "-Dcheshire.root=" + root));
        command.addAll(flags);
        command.addAll(List.of("-cp", dist.resolve("lib") + "/*", MAIN));
        return command;
    }
}
