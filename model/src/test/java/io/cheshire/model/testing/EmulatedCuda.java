package io.cheshire.model.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The emulated GPU of {@code model/src/test/cuda}: a libcuda that g++ builds, once for each state of its sources. Where
 * it can't be built, tests that need it are skipped and say so.
 */
public final class EmulatedCuda {
    private static final Path SOURCES = ModelPaths.root().resolve("model/src");
    static final Path KERNELS = SOURCES.resolve("main/cuda");
    private static final Path BUILT = ModelPaths.root().resolve("model/target/cuda-emulator");
    private static final long BUILD_SECONDS = 240;

    private final Path library;

    private EmulatedCuda(final Path library) {
        this.library = library;
    }

    /** A device of this test's own, with nothing wrong yet. */
    public static EmulatedCuda fresh() {
        return new EmulatedCuda(copyOf(library(KERNELS)));
    }

    /** The loader takes the same file for the same library, and a fault would stay for the next test. */
    static Path copyOf(final Path built) {
        try {
            final Path copy = Files.createTempFile(BUILT, "lib-", ".so");
            copy.toFile().deleteOnExit();
            Files.copy(built, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    /** The library, for processes to open. */
    public Path library() {
        return library;
    }

    /** What is to go wrong from now on, as {@code libcuda_emu.cpp} words it; launches are counted anew. */
    public EmulatedCuda faults(final String faults) {
        try (Arena arena = Arena.ofConfined()) {
            Linker.nativeLinker()
                    .downcallHandle(
                            lookup().findOrThrow("cheshire_emu_faults"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS))
                    .invoke(arena.allocateFrom(faults));
            return this;
        } catch (final Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** Its functions. */
    public SymbolLookup lookup() {
        return SymbolLookup.libraryLookup(library, Arena.global());
    }

    /** The emulator with the kernels of a folder. */
    public static Path library(final Path kernels) {
        return build(
                kernels,
                "libcuda_emu.cpp",
                "libcuda-emulated.so",
                List.of("-shared", "-fPIC", "-fvisibility=hidden", "-pthread"));
    }

    /** The program that checks kernels by the driver's functions alone. */
    public static Path smoke() {
        return build(KERNELS, "smoke.cpp", "smoke", List.of("-ldl"));
    }

    static Path build(final Path kernels, final String source, final String name, final List<String> options) {
        final Path folder = BUILT.resolve(TestHash.of(kernels, SOURCES.resolve("test/cuda")));
        final Path result = folder.resolve(name);
        if (Files.exists(result)) {
            return result;
        }
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64") && canRun("g++"),
                "no emulated GPU: it needs g++ and x86-64");
        try {
            Files.createDirectories(folder);
            final Path building = Files.createTempFile(folder, name, "");
            final List<String> command = new ArrayList<>(List.of(
                    "g++",
                    "-std=c++17",
                    "-O2",
                    "-ftree-vectorize",
                    "-march=native",
                    "-ffp-contract=off",
                    "-Wall",
                    "-Wno-unused",
                    "-Wno-unknown-pragmas",
                    "-I" + kernels,
                    "-I" + SOURCES.resolve("test/cuda"),
                    "-o",
                    building.toString(),
                    SOURCES.resolve("test/cuda/" + source).toString()));
            command.addAll(options);
            final Run run = run(command, BUILD_SECONDS);
            if (run.status() != 0) {
                throw new IllegalStateException(source + " can't be built:\n" + run.output());
            }
            Files.move(building, result, StandardCopyOption.ATOMIC_MOVE);
            return result;
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    /** Whether there is such a program. */
    public static boolean canRun(final String program) {
        try {
            return run(List.of(program, "--version"), BUILD_SECONDS).status() == 0;
        } catch (final UncheckedIOException absent) {
            return false;
        }
    }

    /** How a program ended, and all it said. */
    public record Run(int status, String output) {}

    /** Runs a program to its end. */
    public static Run run(final List<String> command, final long seconds) {
        try {
            final Path output = Files.createTempFile("cheshire-cuda", ".log");
            try {
                final Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(command + " hasn't ended in " + seconds + " s");
                }
                return new Run(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        } catch (final InterruptedException cause) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(cause);
        }
    }
}
