package io.cheshire.transport.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that this process made for a media driver, and all that may ever be deleted: Cheshire deletes nothing
 * that this class didn't make, here or in a process that has died since.
 *
 * <pre>
 *   base/                       named in cheshire.transport.driver.directory, or /dev/shm, or the temporary directory
 *     cheshire-PID-UUID/        made by us, so that nothing can be in it that isn't ours; for our user only
 *       cheshire.owner          the mark: who made it; locked as long as that process lives
 *       aeron/                  the media driver's, which makes it
 * </pre>
 *
 * <p>Where {@code cheshire.transport.driver.name} gives the directory its name, the next process of that name takes
 * over what one that was killed left there, and nobody else does: so nothing is deleted that two may be looking at.
 *
 * <p>The lock says whether the owner lives: the kernel lets go of it when the process ends, however it ends, and it is
 * the same for processes that see each other by other numbers, or not at all, as in containers that share a volume. The
 * mark is written under the lock, so that a directory without a whole mark may be one that is just being made, and is
 * left alone.
 */
final class DriverDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DriverDirectory.class);

    private static final String PREFIX = "cheshire-";
    private static final Pattern NAME = Pattern.compile("cheshire-(\\d{1,10})-[0-9a-f-]{36}");
    /** Given by people; begins with a letter, so that it is none of the above. */
    private static final Pattern GIVEN_NAME = Pattern.compile("cheshire-[A-Za-z][A-Za-z0-9._-]*");

    private static final String MARK = "cheshire.owner";
    private static final String DRIVER = "aeron";
    private static final String MARK_TEXT = "media driver of a cheshire process; pid, start, end of mark:";
    private static final int MAX_MARK_BYTES = 256;
    private static final Pattern OWNER = Pattern.compile(Pattern.quote(MARK_TEXT) + " (\\d{1,10}) (\\d{1,19})\n");
    private static final String OTHER_NAME =
            "; give each process a name of its own (cheshire.transport.driver.name), or none";
    /** Looked at in one start; whatever there is beyond has to wait for the next. */
    private static final int MAX_SWEPT = 1024;

    private static final Path SELF = Path.of("/proc/self");
    private static final FileAttribute<?> OURS_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    /** Made by this process: the kernel would let go of a lock of ours if we opened and closed its file once more. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel mark;
    private boolean closed;

    private DriverDirectory(final Path directory, final FileChannel mark) {
        this.directory = directory;
        this.mark = mark;
    }

    /** Where a media driver of this process could have its files within a base. Nothing is made yet. */
    static Path nameIn(final Path base) {
        return base.resolve(PREFIX + ProcessHandle.current().pid() + "-" + UUID.randomUUID())
                .resolve(DRIVER);
    }

    /** The same under a name that people gave it. */
    static Path nameIn(final Path base, final String name) {
        return base.resolve(PREFIX + name).resolve(DRIVER);
    }

    /**
     * Makes the directory around a media driver's, which must be one that {@link #nameIn} gave.
     *
     * @throws IllegalArgumentException it isn't, something is there already, or it can't be made
     */
    static DriverDirectory make(final Path driverDirectory) {
        final Path directory = driverDirectory.toAbsolutePath().getParent();
        if (directory == null
                || directory.getFileName() == null
                || !driverDirectory.endsWith(DRIVER)
                || !isOurName(directory.getFileName().toString())) {
            throw new IllegalArgumentException(
                    "a media driver's files are made and deleted in a directory of their own," + " which "
                            + driverDirectory + " isn't");
        }
        final boolean isGiven =
                GIVEN_NAME.matcher(directory.getFileName().toString()).matches();
        FileChannel mark = null;
        try {
            final Path base = directory.getParent();
            if (base != null && !Files.isDirectory(base)) {
                Files.createDirectories(base);
            }
            if (isGiven) {
                return takenOver(directory);
            }
            Files.createDirectory(directory, OURS_ONLY);
            OWN.add(directory);
            mark = FileChannel.open(
                    directory.resolve(MARK),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            final FileLock ignored = mark.lock();
            writeTo(mark);
            return new DriverDirectory(directory, mark);
        } catch (final IllegalArgumentException inUse) {
            throw inUse;
        } catch (final IOException | RuntimeException cause) {
            giveUp(directory, mark);
            throw new IllegalArgumentException(
                    "can't make " + directory + " for the media driver's files: " + cause
                            + "; cheshire.transport.driver.directory names the directory in which it is made, of which"
                            + " nothing else is touched",
                    cause);
        }
    }

    private static boolean isOurName(final String name) {
        return NAME.matcher(name).matches() || GIVEN_NAME.matcher(name).matches();
    }

    private static void writeTo(final FileChannel mark) throws IOException {
        mark.write(ByteBuffer.wrap((MARK_TEXT + " " + self() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    }

    /**
     * A directory of a given name, made now or left by an earlier process. Of all who want it the one has it that locks
     * its mark, which stays while all else that was left goes. Without a whole mark a process was killed while it made
     * the directory, and there can be nothing else in it.
     */
    private static DriverDirectory takenOver(final Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(directory, OURS_ONLY);
            } catch (final FileAlreadyExistsException another) {
                LOG.debug("{} was made at the same moment by another process", directory);
            }
        }
        if (!OWN.add(directory)) {
            throw new IllegalArgumentException(
                    "this process has a media driver in " + directory + " already" + OTHER_NAME);
        }
        try {
            return takeOver(directory, directory.resolve(MARK));
        } catch (final IOException | RuntimeException cause) {
            OWN.remove(directory);
            throw new IllegalArgumentException(
                    "can't use " + directory + " for the media driver's files: " + cause.getMessage(), cause);
        }
    }

    private static DriverDirectory takeOver(final Path directory, final Path path) throws IOException {
        FileChannel mark = null;
        try {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) || !isOwnUsers(directory)) {
                throw new IOException("it is no directory of this user's, and is left alone" + OTHER_NAME);
            }
            mark = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            final String text = textOf(mark);
            if (mark.tryLock() == null) {
                throw new IOException(ownerIn(text) + " has its media driver there" + OTHER_NAME);
            }
            final boolean isWhole = OWNER.matcher(textOf(mark)).matches();
            if (!isWhole && !isEmptyBut(directory, path)) {
                throw new IOException(
                        "files are in it that no process of this name made, and they are left alone" + OTHER_NAME);
            }
            deleteBut(directory, path);
            mark.truncate(0);
            writeTo(mark);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("its owner has just deleted it at its end; start once more");
            }
            if (isWhole) {
                LOG.info("{} was left by {}, which has ended without deleting it: used anew", directory, ownerIn(text));
            }
            return new DriverDirectory(directory, mark);
        } catch (final IOException | RuntimeException cause) {
            if (mark != null) {
                mark.close();
            }
            throw cause;
        }
    }

    private static boolean isEmptyBut(final Path directory, final Path mark) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            for (final Path one : found) {
                if (!one.equals(mark)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String ownerIn(final String mark) {
        final Matcher owner = OWNER.matcher(mark);
        return owner.matches() ? "process " + owner.group(1) : "another process";
    }

    private static void giveUp(final Path directory, final @Nullable FileChannel mark) {
        if (mark != null) {
            new DriverDirectory(directory, mark).close();
        } else if (OWN.remove(directory)) {
            try {
                Files.delete(directory);
            } catch (final IOException cause) {
                LOG.debug("{} stays: {}", directory, cause.toString());
            }
        }
    }

    /** The media driver's own directory, in this one. */
    Path driverDirectory() {
        return directory.resolve(DRIVER);
    }

    /** Deletes it, after the media driver has ended. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            delete(directory);
            mark.close();
        } catch (final IOException | RuntimeException cause) {
            LOG.warn("can't delete {}, which this process made for its media driver: {}", directory, cause.toString());
        }
        OWN.remove(directory);
    }

    /** What is done with a directory that was left, while its mark is locked. */
    private interface Found {
        void left(Path directory) throws IOException;
    }

    /** Deletes what processes that are gone have left in a base; never fails. */
    static void sweep(final Path base) {
        look(base, directory -> {
            delete(directory);
            LOG.info("deleted {}, which a process left that has ended without doing so", directory);
        });
    }

    /** Names of what {@link #sweep} would delete now; never fails. */
    static List<String> leftIn(final Path base) {
        final List<String> left = new ArrayList<>();
        look(base, directory -> left.add(directory.getFileName().toString()));
        left.sort(null);
        return left;
    }

    private static void look(final Path base, final Found found) {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(base, PREFIX + "*")) {
            int looked = 0;
            for (final Path one : names) {
                if (++looked > MAX_SWEPT) {
                    return;
                }
                lookAt(one.toAbsolutePath(), found);
            }
        } catch (final IOException | RuntimeException cause) {
            LOG.debug("can't look for what ended processes left in {}: {}", base, cause.toString());
        }
    }

    private static void lookAt(final Path directory, final Found found) {
        final Path mark = directory.resolve(MARK);
        if (OWN.contains(directory)
                || !NAME.matcher(directory.getFileName().toString()).matches()
                || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(mark, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (!isOwnUsers(directory) || !isOwnUsers(mark)) {
                return;
            }
            try (FileChannel channel = FileChannel.open(
                    mark, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                final FileLock lock = channel.tryLock();
                if (lock != null && isLeft(channel)) {
                    found.left(directory);
                }
            }
        } catch (final IOException | OverlappingFileLockException cause) {
            LOG.debug("{} stays: {}", directory, cause.toString());
        }
    }

    private static boolean isOwnUsers(final Path path) throws IOException {
        // What the kernel says of this process; a user without a name is a number there as here.
        final String user = Files.exists(SELF) ? Files.getOwner(SELF).getName() : System.getProperty("user.name");
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName().equals(user);
    }

    /** Whether the mark is whole, and no process has its number and its start any more. */
    private static boolean isLeft(final FileChannel mark) throws IOException {
        final Matcher owner = OWNER.matcher(textOf(mark));
        return owner.matches()
                && ProcessHandle.of(Long.parseLong(owner.group(1)))
                        .map(process -> startOf(process) != Long.parseLong(owner.group(2)))
                        .orElse(true);
    }

    private static String textOf(final FileChannel mark) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(MAX_MARK_BYTES);
        while (bytes.hasRemaining() && mark.read(bytes, bytes.position()) > 0) {
            // up to the end of the file
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    private static String self() {
        return ProcessHandle.current().pid() + " " + startOf(ProcessHandle.current());
    }

    /** Milliseconds; 0 where the system doesn't say. */
    private static long startOf(final ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    /**
     * The mark goes last, so that a deletion that was cut short is taken up by the next start. Links are deleted, not
     * followed.
     */
    private static void delete(final Path directory) throws IOException {
        final Path mark = directory.resolve(MARK);
        deleteBut(directory, mark);
        Files.deleteIfExists(mark);
        Files.delete(directory);
    }

    private static void deleteBut(final Path directory, final Path mark) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) throws IOException {
                if (!file.equals(mark)) {
                    Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(final Path visited, final IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (!visited.equals(directory)) {
                    Files.delete(visited);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
