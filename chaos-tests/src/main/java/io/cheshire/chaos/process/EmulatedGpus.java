package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Emulated GPUs for a cluster of processes: a driver's library that g++ builds from this repository, and the files
 * beside it by which a GPU is told what is to go wrong (docs/gpu.md). They stay among the host's temporary files, since
 * one class alone deletes files.
 */
public final class EmulatedGpus {
    private static final long BUILD_SECONDS = 240;

    private final Path folder;
    private final Path library;

    private EmulatedGpus(final Path folder) {
        this.folder = folder;
        this.library = folder.resolve("libcuda-emulated.so");
    }

    /**
     * Builds the library, which takes seconds.
     *
     * @throws IllegalStateException there is no g++, or it can't build it
     */
    public static EmulatedGpus build() {
        try {
            final EmulatedGpus gpus = new EmulatedGpus(Files.createTempDirectory("cheshire-gpus"));
            final Path log = gpus.folder.resolve("build.log");
            final Process building = new ProcessBuilder(
                            TestServer.root()
                                    .resolve("scripts/build-cuda-emulator")
                                    .toString(),
                            gpus.library.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!building.waitFor(BUILD_SECONDS, TimeUnit.SECONDS) || building.exitValue() != 0) {
                building.destroyForcibly();
                final String why = Files.readString(log);
                throw new IllegalStateException("no emulated GPU (cluster.gpu): " + why.strip());
            }
            return gpus;
        } catch (final IOException cause) {
            throw new UncheckedIOException("no emulated GPU (cluster.gpu)", cause);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an emulated GPU was built", interrupted);
        }
    }

    /** Flags of a cluster whose nodes compute on them; each process has one of its own. */
    public List<String> flags() {
        return List.of(
                "-Dcheshire.device.kernels=cuda",
                "-Dcheshire.cuda.driver-library=" + library,
                // Emulated work takes a thousand times as long; a hang is to be seen within the time of an experiment.
                "-Dcheshire.cuda.hang-timeout=5s",
                "-Dcheshire.cuda.self-test-interval=0s",
                "-Dcheshire.cuda.health-library=",
                "-Dcheshire.cuda.loss-record=" + folder.resolve("losses"),
                "-Dcheshire.expert-node.warm-up=0s");
    }

    /** What goes wrong from now on with the GPU of a process that runs, as {@code libcuda_emu.cpp} words it. */
    public void hurt(final long pid, final String faults) {
        write(library.resolveSibling(library.getFileName() + ".faults." + pid), faults);
    }

    /** What goes wrong with the GPU of the process that starts next. */
    public void hurtNext(final String faults) {
        write(library.resolveSibling(library.getFileName() + ".faults"), faults);
    }

    /** Whole or not at all: the emulator takes it away as soon as it is there. */
    private void write(final Path file, final String faults) {
        try {
            final Path writing = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), faults);
            Files.move(writing, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}
