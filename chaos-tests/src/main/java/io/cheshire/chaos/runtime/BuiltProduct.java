package io.cheshire.chaos.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The built product, as {@code ./cheshire} runs it: its libraries, and the archive of loaded classes that spares every
 * one of a cluster's processes half of its start. It is {@code dist/target}, or the folder that {@code
 * -Dcheshire.product} names. Safe from any thread.
 */
final class BuiltProduct {
    private static final String MAIN = "io.cheshire.ops.runtime.cli.Main";
    private static final long ARCHIVE_LIMIT_S = 120;
    /** Becomes the command after the script: the process that was started is the product's, signals reach it. */
    private static final String WITH_SETTINGS_OF_SCRIPT = ". \"$1\"; shift; exec \"$@\"";

    private static final String PRODUCT = "cheshire.product";

    private BuiltProduct() {}

    /**
     * Everything before the subcommand. Makes the archive if it is missing or older than a library.
     *
     * @throws IllegalStateException the product was not built
     */
    static synchronized List<String> command() {
        final Path root = TestServer.root();
        final String product = System.getProperty(PRODUCT);
        final Path dist = product == null ? root.resolve("dist/target") : Path.of(product);
        final Path archive = dist.resolve("cheshire.jsa");
        try {
            if (isStale(archive, dist.resolve("lib"))) {
                makeArchive(root, dist);
            }
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot look at the built product in " + dist, cause);
        }
        return List.of(
                "/bin/sh",
                "-c",
                WITH_SETTINGS_OF_SCRIPT,
                "sh",
                root.resolve("scripts/openmp.sh").toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("scripts/jvm.options"),
                "-XX:+UseSerialGC",
                "-Xmx768m",
                "-Xlog:disable",
                "-Xlog:all=off",
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + archive,
                "-Dcheshire.root=" + root,
                // A command that starts processes starts them from there, too.
                "-D" + PRODUCT + "=" + dist,
                "-cp",
                dist.resolve("lib") + "/*",
                MAIN);
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
    private static void makeArchive(final Path root, final Path dist) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(
                        root.resolve("scripts/make-class-archive").toString(), dist.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("CHESHIRE_JAVA_HOME", System.getProperty("java.home"));
        final Process process = OwnProcesses.start(builder);
        try {
            process.waitFor(ARCHIVE_LIMIT_S, TimeUnit.SECONDS);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
