package io.cheshire.router.runtime.routing;

import io.cheshire.router.core.routing.RoutingSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the gate chose to a file ({@link TraceFile} has the format). The engine thread puts each layer into a
 * bounded ring and goes on; a thread of its own writes. A full ring, a full file or a failing disk drop layers and
 * count them: a token never waits for the trace. The file's last line says how much was dropped.
 *
 * <pre>
 * message in the ring:  0 step id (8)  8 layer (4)  12 rows of expert 0 (4)  16 rows of expert 1 (4) ...
 * </pre>
 */
public final class RoutingRecorder implements RoutingSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RoutingRecorder.class);
    private static final long POLL_NS = 10_000_000;
    private static final int READ_LIMIT = 256;
    private static final int MESSAGE = 1;
    private static final int LAYER_OFFSET = Long.BYTES;
    private static final int ROWS_OFFSET = LAYER_OFFSET + Integer.BYTES;

    private final OneToOneRingBuffer ring;
    private final TraceFile file;
    private final int[] rows;
    private final int lanes;
    private final Thread writer;
    private final AtomicLong dropped = new AtomicLong();
    /** By the writing thread. */
    private final AtomicLong lost = new AtomicLong();

    private int unwritten;
    private volatile boolean closing;
    private boolean broken;

    private RoutingRecorder(final TraceFile file, final int experts, final int lanes, final int bufferBytes) {
        this.file = file;
        this.lanes = lanes;
        this.rows = new int[experts];
        this.ring = new OneToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(bufferBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        this.writer = Thread.ofPlatform().daemon().name("routing-recorder").unstarted(this::writeAll);
    }

    /**
     * Makes the file and starts writing.
     *
     * @param path             must not exist yet
     * @param modelFingerprint goes into the file's head
     * @param lanes            lanes of the engine: a step id is {@code step * lanes + lane}
     * @throws IllegalArgumentException when the file exists or can't be made
     */
    public static RoutingRecorder start(
            final RecorderConfig config,
            final Path path,
            final String modelFingerprint,
            final int layers,
            final int experts,
            final int lanes) {
        try {
            final TraceFile file = TraceFile.create(path, modelFingerprint, layers, experts, config.maxBytes());
            return start(config, file, experts, lanes);
        } catch (final FileAlreadyExistsException exists) {
            throw new IllegalArgumentException(
                    "the routing trace " + path + " exists already: name another file or remove it", exists);
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "can't write the routing trace " + path + ": " + cause + "; name a file where up to "
                            + config.maxBytes() + " bytes can be written (cheshire.router.record-routing.max-bytes)",
                    cause);
        }
    }

    /** Starts writing to a file that has its head. */
    static RoutingRecorder start(
            final RecorderConfig config, final TraceFile file, final int experts, final int lanes) {
        final RoutingRecorder recorder = new RoutingRecorder(file, experts, lanes, config.bufferBytes());
        recorder.writer.start();
        return recorder;
    }

    @Override
    public void layer(final int lane, final long step, final int layer, final int[] rowsByExpert) {
        final int index = ring.tryClaim(MESSAGE, ROWS_OFFSET + rowsByExpert.length * Integer.BYTES);
        if (index < 0) {
            dropped.setRelease(dropped.getPlain() + 1);
            return;
        }
        final MutableDirectBuffer buffer = ring.buffer();
        buffer.putLong(index, step * lanes + lane);
        buffer.putInt(index + LAYER_OFFSET, layer);
        for (int expert = 0; expert < rowsByExpert.length; expert++) {
            buffer.putInt(index + ROWS_OFFSET + expert * Integer.BYTES, rowsByExpert[expert]);
        }
        ring.commit(index);
    }

    /** Layers that found the ring full or the disk failing so far. Safe from any thread. */
    public long dropped() {
        return dropped.getAcquire() + lost.getAcquire();
    }

    private void writeAll() {
        boolean last = false;
        while (!last) {
            last = closing; // read before the ring: what was put in before closing is written
            int read = ring.read(this::onMessage, READ_LIMIT);
            while (read > 0) {
                read = ring.read(this::onMessage, READ_LIMIT);
            }
            attempt(file::flush);
            settle();
            if (!last) {
                LockSupport.parkNanos(POLL_NS);
            }
        }
        attempt(() -> file.close(dropped.getAcquire()));
    }

    private void onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        for (int expert = 0; expert < rows.length; expert++) {
            rows[expert] = buffer.getInt(index + ROWS_OFFSET + expert * Integer.BYTES);
        }
        unwritten++;
        attempt(() -> file.write(buffer.getLong(index), buffer.getInt(index + LAYER_OFFSET), rows));
        if (broken) {
            settle();
        }
    }

    /** What was taken from the ring since the last flush is in the file now, or lost if the disk failed meanwhile. */
    private void settle() {
        if (broken) {
            lost.setRelease(lost.getPlain() + unwritten);
        }
        unwritten = 0;
    }

    private interface Write {
        void run() throws IOException;
    }

    /** After the first failure nothing more is tried: a trace with a hole in the middle would mislead. */
    private void attempt(final Write write) {
        if (broken) {
            return;
        }
        try {
            write.run();
        } catch (final IOException | UncheckedIOException failure) {
            broken = true;
            LOG.error(
                    "the routing trace {} ends here: {}; requests go on, what the gate chooses from now on is counted"
                            + " as dropped. Remove the file or make room, and start again",
                    file.path(),
                    failure.toString());
        }
    }

    /** Writes what is in the ring and the last line. The engine must have stopped. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join();
        } catch (final InterruptedException hurried) {
            Thread.currentThread().interrupt();
            LOG.warn("the routing trace {} may lack its end: interrupted while it was written", file.path());
        }
    }
}
