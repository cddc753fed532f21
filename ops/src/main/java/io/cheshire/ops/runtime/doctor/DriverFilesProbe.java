package io.cheshire.ops.runtime.doctor;

import io.cheshire.ops.core.doctor.HostFacts;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks at where media drivers have their files, and deletes nothing. */
final class DriverFilesProbe {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String OURS = "cheshire-*";
    /** Locked as long as the process that made the directory lives. */
    private static final String MARK = "cheshire.owner";

    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "hugetlbfs");
    private static final int MOST = 1024;

    private DriverFilesProbe() {}

    /**
     * Looks where a start would put them: in the directory that is named, else in memory, or on disk where only that
     * has room.
     */
    static HostFacts.DriverFiles find(final TransportConfig config, final long neededBytes) {
        final String named = config.driver().directory();
        if (!named.isEmpty()) {
            return at(Path.of(named));
        }
        final HostFacts.DriverFiles disk = at(Path.of(System.getProperty("java.io.tmpdir")));
        if (!Files.isDirectory(MEMORY) || !Files.isWritable(MEMORY)) {
            return disk;
        }
        final HostFacts.DriverFiles memory = at(MEMORY);
        return memory.freeBytes() >= neededBytes || disk.freeBytes() < neededBytes ? memory : disk;
    }

    private static HostFacts.DriverFiles at(final Path place) {
        Path there = place.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            final FileStore store = Files.getFileStore(there);
            return new HostFacts.DriverFiles(
                    place.toString(),
                    IN_MEMORY.contains(store.type()),
                    store.getTotalSpace(),
                    store.getUsableSpace(),
                    left(there));
        } catch (final IOException unreadable) {
            return new HostFacts.DriverFiles(place.toString(), false, 0, 0, List.of());
        }
    }

    private static List<String> left(final Path place) {
        final List<String> left = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(place, OURS)) {
            int looked = 0;
            for (final Path directory : found) {
                if (++looked > MOST) {
                    break;
                }
                final Path mark = directory.resolve(MARK);
                if (Files.isRegularFile(mark, LinkOption.NOFOLLOW_LINKS) && isLeft(mark)) {
                    left.add(directory.getFileName().toString());
                }
            }
        } catch (final IOException unreadable) {
            return List.of();
        }
        left.sort(null);
        return left;
    }

    /** Nobody holds the lock. Let go of at once; what is another user's is not ours to ask. */
    private static boolean isLeft(final Path mark) {
        try (FileChannel channel = FileChannel.open(mark, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (final IOException | OverlappingFileLockException held) {
            return false;
        }
    }
}
