package io.cheshire.transport.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room for a media driver's files, which are mapped and mostly sparse: where memory of the host runs out later, a
 * process gets a fault in the midst of a token and not an error. So all that channels may come to take must be free at
 * the start.
 */
public final class DriverStorage {
    private static final Logger LOG = LoggerFactory.getLogger(DriverStorage.class);

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long MEBIBYTE = 1L << 20;
    /** Commands, counters, errors and loss reports, as Aeron makes them by default. */
    private static final long OWN_BYTES = 48 * MEBIBYTE;
    /** A channel has three terms and a page of its own. */
    private static final int TERMS = 3;

    private static final long CHANNEL_BYTES = 4096;

    private DriverStorage() {}

    /** The same where the configuration says. */
    static Path fresh(final TransportConfig config, final int channels) {
        final TransportConfig.DriverConfig driver = config.driver();
        if (!driver.name().isEmpty()) {
            DriverDirectory.sweep(Path.of(driver.directory()));
            return DriverDirectory.nameIn(Path.of(driver.directory()), driver.name());
        }
        return fresh(driver.directory(), config.termBufferBytes(), channels);
    }

    /**
     * A directory of its own for a driver, which {@link DriverDirectory#make} makes: in the one that is named, else in
     * memory, or on disk where memory has no room for it. What processes that were killed left there is deleted before.
     *
     * @param base     in which it is to be; empty for memory
     * @param channels as {@link #require} has them
     */
    static Path fresh(final String base, final int termBufferBytes, final int channels) {
        if (base.isEmpty()) {
            DriverDirectory.sweep(MEMORY);
            DriverDirectory.sweep(disk());
        } else {
            DriverDirectory.sweep(Path.of(base));
        }
        final long neededBytes = neededBytes(termBufferBytes, channels);
        final Path chosen = base(base, neededBytes);
        if (base.isEmpty() && !chosen.equals(MEMORY) && isMemoryUsable()) {
            tellOfDisk(neededBytes);
        }
        return DriverDirectory.nameIn(chosen);
    }

    /**
     * Where a driver's directory is made: in the one named, else in memory, or on disk where only that has room.
     *
     * @param named       empty: none
     * @param neededBytes as {@link #neededBytes} counts them
     */
    public static Path base(final String named, final long neededBytes) {
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        return isMemoryUsable() && (freeBytes(MEMORY) >= neededBytes || freeBytes(disk()) < neededBytes)
                ? MEMORY
                : disk();
    }

    /** Names of what processes that were killed left in a base, which the next start of this user there deletes. */
    public static List<String> leftIn(final Path base) {
        return DriverDirectory.leftIn(base);
    }

    private static Path disk() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static boolean isMemoryUsable() {
        return Files.isDirectory(MEMORY) && Files.isWritable(MEMORY);
    }

    private static void tellOfDisk(final long neededBytes) {
        LOG.warn(
                "{} has {} MiB free and the media driver may need {} MiB: its files are in {} instead, which may be slower;"
                        + " give it more (docker run --shm-size)",
                MEMORY,
                mebibytes(freeBytes(MEMORY)),
                mebibytes(neededBytes),
                disk());
    }

    /**
     * Free room, in bytes, that a media driver's directory must have.
     *
     * @param channels as {@link DataPlane#launch} has them
     */
    public static long neededBytes(final int termBufferBytes, final int channels) {
        return Math.addExact(OWN_BYTES, Math.multiplyExact(channels, channelBytes(termBufferBytes)));
    }

    private static long channelBytes(final int termBufferBytes) {
        return TERMS * (long) termBufferBytes + CHANNEL_BYTES;
    }

    /**
     * Refuses a directory without enough room.
     *
     * @param channels buffers that the driver may have at a time: publications, and images of other hosts' publications
     * @throws IllegalArgumentException naming the directory, what is free, what is needed and what to do
     */
    static void require(final TransportConfig config, final String directory, final int channels) {
        final long neededBytes = neededBytes(config.termBufferBytes(), channels);
        final long freeBytes = freeBytes(Path.of(directory));
        if (freeBytes < neededBytes) {
            throw new IllegalArgumentException("the media driver's directory " + directory + " has "
                    + mebibytes(freeBytes) + " MiB free and may need " + mebibytes(neededBytes) + " MiB ("
                    + mebibytes(OWN_BYTES) + " of its own, " + mebibytes(channelBytes(config.termBufferBytes()))
                    + " for each of " + channels
                    + " channels); free some, give it more (docker run --shm-size), use fewer nodes or a smaller"
                    + " cheshire.transport.term-buffer-bytes, or name a directory on a larger disk in"
                    + " cheshire.transport.driver.directory, in which a process makes one of its own");
        }
    }

    /** Of the directory, or of where it will be made. */
    private static long freeBytes(final Path directory) {
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "can't tell how much is free for the media driver's directory " + directory + ": " + cause
                            + "; cheshire.transport.driver.directory names the directory in which it is made",
                    cause);
        }
    }

    private static long mebibytes(final long bytes) {
        return Math.ceilDiv(bytes, MEBIBYTE);
    }
}
