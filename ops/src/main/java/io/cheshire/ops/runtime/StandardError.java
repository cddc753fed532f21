package io.cheshire.ops.runtime;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Standard error that never blocks who writes to it. A pipe that nobody reads, a stopped terminal or a hanging disk
 * would otherwise stop the first agent that logs, and every token with it. What is written waits in a queue of at most
 * {@link #LIMIT_BYTES} for a thread of its own; what finds it full is dropped, counted, and said once there is room
 * again. Safe from any thread.
 */
public final class StandardError {
    /** Some ten thousand log lines: far more than a reader who is there falls behind. */
    static final int LIMIT_BYTES = 1 << 20;

    private static final StandardError PROCESS = new StandardError(new FileOutputStream(FileDescriptor.err));

    private final OutputStream sink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private final PrintStream stream = new PrintStream(new Queued(), false, StandardCharsets.UTF_8);
    private int queuedBytes;
    private boolean isWriting;
    private long droppedLines;
    private long droppedUnsaid;

    StandardError(final OutputStream sink) {
        this.sink = sink;
    }

    /** Puts it in the place of {@link System#err}, for the rest of this process's life. */
    public static void install() {
        PROCESS.startWriting();
        System.setErr(PROCESS.stream);
    }

    /** Lines that this process could not say. */
    public static long processDroppedLines() {
        return PROCESS.droppedLines();
    }

    /** Before the process ends: waits until all is written, but no longer than {@code patience}. */
    public static void awaitWritten(final Duration patience) {
        PROCESS.drain(patience);
    }

    void startWriting() {
        Thread.ofPlatform().daemon().name("standard-error").start(this::writeAll);
    }

    PrintStream stream() {
        return stream;
    }

    long droppedLines() {
        lock.lock();
        try {
            return droppedLines;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all was written in time. */
    boolean drain(final Duration patience) {
        long leftNs = patience.toNanos();
        lock.lock();
        try {
            while ((!queue.isEmpty() || isWriting) && leftNs > 0) {
                leftNs = changed.awaitNanos(leftNs);
            }
            return queue.isEmpty() && !isWriting;
        } catch (final InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void put(final byte[] bytes) {
        lock.lock();
        try {
            if (queuedBytes + bytes.length > LIMIT_BYTES) {
                final long lines = lines(bytes);
                droppedLines += lines;
                droppedUnsaid += lines;
                return;
            }
            if (droppedUnsaid > 0) {
                final String notice = droppedUnsaid + " lines were dropped here: this output was not read in time\n";
                droppedUnsaid = 0;
                enqueue(notice.getBytes(StandardCharsets.UTF_8));
            }
            enqueue(bytes);
        } finally {
            lock.unlock();
        }
    }

    private void enqueue(final byte[] bytes) {
        queue.add(bytes);
        queuedBytes += bytes.length;
        changed.signalAll();
    }

    private static long lines(final byte[] bytes) {
        long lines = 0;
        for (final byte each : bytes) {
            lines += each == '\n' ? 1 : 0;
        }
        return lines;
    }

    private void writeAll() {
        try {
            while (true) {
                final byte[] next = take();
                try {
                    sink.write(next);
                } catch (final IOException lost) {
                    // A full disk or a reader that is gone: there is nowhere to say so but in the figure.
                    written(next, lines(next));
                    continue;
                }
                written(next, 0);
            }
        } catch (final InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] take() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                changed.await();
            }
            isWriting = true;
            return queue.remove();
        } finally {
            lock.unlock();
        }
    }

    private void written(final byte[] bytes, final long lost) {
        lock.lock();
        try {
            isWriting = false;
            queuedBytes -= bytes.length;
            droppedLines += lost;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Where the print stream ends. Flushing is no reason to wait. */
    private final class Queued extends OutputStream {
        @Override
        public void write(final int one) {
            put(new byte[] {(byte) one});
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) {
            put(Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }
}
