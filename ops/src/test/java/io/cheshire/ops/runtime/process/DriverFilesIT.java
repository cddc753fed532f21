package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A node that is killed again and again leaves {@code /dev/shm} as it was once it has started again and ended in order:
 * the next start clears away what the killed one left. As many kills as {@code -Dcheshire.test.kills} says.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class DriverFilesIT {
    private static final int KILLS = Integer.getInteger("cheshire.test.kills", 5);
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Duration WAIT = Duration.ofSeconds(90);
    private static final String SAYS = "the media driver's files are in ";

    /** What there is in a directory, its subdirectories included. */
    private record Content(int files, long bytes) {
        static Content of(final Path directory) throws IOException {
            final int[] files = new int[1];
            final long[] bytes = new long[1];
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) {
                    files[0]++;
                    bytes[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(final Path file, final IOException cause) throws IOException {
                    if (cause instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // another process's, deleted meanwhile
                    }
                    throw cause;
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path visited, final IOException cause) {
                    return FileVisitResult.CONTINUE;
                }
            });
            return new Content(files[0], bytes[0]);
        }

        @Override
        public String toString() {
            return files + " files of " + bytes + " bytes";
        }
    }

    private static StartedRole node(final String... flags) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of(
                "expert-node",
                "--model",
                StartedRole.MINI.toString(),
                "--node-id",
                "0",
                "--nodes",
                "1",
                // Nobody is there: it has its media driver before it joins.
                "--seed",
                "127.0.0.1:1",
                "--cluster-port",
                "0"));
        arguments.addAll(List.of(flags));
        return StartedRole.start(Map.of(), arguments);
    }

    private static Path directoryOf(final StartedRole node) {
        final String line = node.awaitLine(SAYS, WAIT);
        return Path.of(line.substring(line.indexOf(SAYS) + SAYS.length()));
    }

    @Test
    void shouldLeaveMemoryAsItWasWhenANodeOfTheDefaultDirectoryIsKilled() throws Exception {
        final Content before = Content.of(MEMORY);
        final List<Path> left = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            try (StartedRole node = node()) {
                left.add(directoryOf(node).getParent());
                node.kill();
            }
            assertThat(left.stream().filter(Files::exists))
                    .as("only the last one's are left")
                    .hasSizeLessThanOrEqualTo(1);
        }
        assertThat(left).doesNotHaveDuplicates();
        endInOrder();

        assertThat(left).allMatch(Files::notExists);
        report("default", before, Content.of(MEMORY));
    }

    @Test
    void shouldLeaveMemoryAsItWasWhenANodeWithANameIsKilled() throws Exception {
        final Path base = Files.createTempDirectory(MEMORY, "driver-files-");
        try {
            final Content before = Content.of(base);
            final String[] flags = {
                "-Dcheshire.transport.driver.directory=" + base, "-Dcheshire.transport.driver.name=pod"
            };
            for (int kill = 0; kill < KILLS; kill++) {
                try (StartedRole node = node(flags)) {
                    assertThat(directoryOf(node)).isEqualTo(base.resolve("cheshire-pod/aeron"));
                    node.kill();
                }
                try (Stream<Path> there = Files.list(base)) {
                    assertThat(there).containsExactly(base.resolve("cheshire-pod"));
                }
            }
            final Content between = Content.of(base);
            endInOrder(flags);

            final Content after = Content.of(base);
            System.out.println("a named directory, after the last kill: " + between);
            report("named", before, after);
            assertThat(after).isEqualTo(before);
        } finally {
            Files.deleteIfExists(base);
        }
    }

    @Test
    void shouldRefuseASecondNodeOfTheSameName() throws Exception {
        final Path base = Files.createTempDirectory(MEMORY, "driver-files-");
        final String[] flags = {"-Dcheshire.transport.driver.directory=" + base, "-Dcheshire.transport.driver.name=pod"
        };
        try (StartedRole first = node(flags)) {
            directoryOf(first);
            try (StartedRole second = node(flags)) {
                assertThat(second.awaitEnd(WAIT))
                        .contains(
                                base.resolve("cheshire-pod") + " for the media driver's files: process " + first.pid()
                                        + " has its media driver there",
                                "cheshire.transport.driver.name");
            }
            assertThat(first.isAlive()).isTrue();
            first.terminate(WAIT);
        } finally {
            Files.deleteIfExists(base);
        }
    }

    private static void endInOrder(final String... flags) throws Exception {
        try (StartedRole last = node(flags)) {
            directoryOf(last);
            last.terminate(WAIT);
        }
    }

    private static void report(final String kind, final Content before, final Content after) {
        System.out.println(KILLS + " kills, " + kind + " directory: before " + before + ", after " + after);
    }
}
