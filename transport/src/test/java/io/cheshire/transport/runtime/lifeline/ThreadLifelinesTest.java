package io.cheshire.transport.runtime.lifeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** That the connections are one thread's alone is seen in what the kernel lists of each thread. */
@EnabledOnOs(OS.LINUX)
class ThreadLifelinesTest extends LifelineContract {
    private static final String ESTABLISHED = "01";

    @Override
    LifelineServer open(final NodeEndpoint node, final InetSocketAddress address, final int maxConnections)
            throws IOException {
        return ThreadLifelines.open(node, hostOf(node), address, maxConnections);
    }

    @Test
    void shouldHoldConnectionsInOneThreadOfTheProcess() throws IOException {
        held();
        held();
        final List<String> connections = nodesEnds();
        assertThat(connections).hasSize(2);

        assertThat(threadsWithAll(connections)).hasSize(1);
        assertThat(filesOf(Path.of("/proc/self"))).doesNotContainAnyElementsOf(connections);
    }

    @Test
    void shouldHaveNoFilesOfTheOthersInThatThread() throws IOException {
        held();

        final Path thread = threadsWithAll(nodesEnds()).getFirst();

        // Standard input, output and error, the listener and the connection.
        assertThat(filesOf(thread)).hasSize(5);
    }

    /** The node's ends of the connections to its lifelines' port, as a directory of files names them. */
    private List<String> nodesEnds() throws IOException {
        final String local = ":%04X".formatted(port());
        final List<String> found = new ArrayList<>();
        for (final String line : Files.readAllLines(Path.of("/proc/self/net/tcp"))) {
            final String[] words = line.strip().split("\\s+", -1);
            if (words[1].endsWith(local) && words[3].equals(ESTABLISHED)) {
                found.add("socket:[" + words[9] + "]");
            }
        }
        return found;
    }

    private static List<Path> threadsWithAll(final List<String> files) throws IOException {
        final List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (final Path thread : threads) {
                if (filesOf(thread).containsAll(files)) {
                    found.add(thread);
                }
            }
        }
        return found;
    }

    private static List<String> filesOf(final Path process) throws IOException {
        final List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (final Path file : files) {
                found.add(Files.readSymbolicLink(file).toString());
            }
        } catch (final NoSuchFileException closed) {
            // A file, or a thread, that ended meanwhile.
        }
        return found;
    }
}
