package io.cheshire.model.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a JVM of its own, on the class path of this one and with the options that the
 * product starts with ({@code scripts/jvm.options}).
 */
public final class ForkedJvm {
    private static final long LIMIT_SECONDS = 100;

    private ForkedJvm() {}

    /**
     * What the program prints, line by line.
     *
     * @param options     of the JVM, after the product's
     * @param environment added to this process's
     * @throws AssertionError it fails or doesn't end; the message has its output
     */
    public static List<String> run(
            final Class<?> main, final List<String> options, final Map<String, String> environment) {
        final String root = System.getProperty("cheshire.root", "..");
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of(root, "scripts", "jvm.options"));
        command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-Dcheshire.root=" + root));
        // An option of one processor's JVM is none of another's.
        command.add("-XX:+IgnoreUnrecognizedVMOptions");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        try {
            return run(command, environment);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        } catch (final InterruptedException cause) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", cause);
        }
    }

    private static List<String> run(final List<String> command, final Map<String, String> environment)
            throws IOException, InterruptedException {
        final Path output = Files.createTempFile("forked", ".out");
        final Path errors = Files.createTempFile("forked", ".err");
        try {
            final ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
            final Process process = builder.start();
            try {
                final boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
                if (!ended || process.exitValue() != 0) {
                    throw new AssertionError(command
                            + (ended ? " failed:\n" : " does not end:\n")
                            + Files.readString(output, StandardCharsets.UTF_8)
                            + Files.readString(errors, StandardCharsets.UTF_8));
                }
            } finally {
                process.destroyForcibly();
            }
            return Files.readAllLines(output, StandardCharsets.UTF_8);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
