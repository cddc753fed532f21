package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponseWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A response's body as a stream of bytes in blocks. A full block goes out, and the writer waits until the connection
 * took it: however long a body is, one block is on its way and one is being filled. Used by the call's thread only.
 */
final class BlockOutput extends OutputStream {
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 1 << 10;

    private final HttpResponseWriter writer;
    private final long writeStallMs;
    private byte[] block = new byte[FIRST_BYTES];
    private int length;
    private int mark;
    private boolean isMarkOut;
    private boolean isOut;
    private Runnable beforeFirst = () -> {};

    /** The reader took nothing for too long. */
    static final class SlowReaderException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** The reader is gone: nobody takes what is written. */
    static final class ReaderGoneException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    BlockOutput(final HttpResponseWriter writer, final long writeStallMs) {
        this.writer = writer;
        this.writeStallMs = writeStallMs;
    }

    /** Runs before the first block goes out by itself. */
    void beforeFirst(final Runnable action) {
        this.beforeFirst = action;
    }

    /** What comes next is one thing: {@link #dropToMark} takes back what was written of it. */
    void mark() {
        mark = length;
        isMarkOut = false;
    }

    /** False if part of what was written since the mark is out already. */
    boolean dropToMark() {
        if (isMarkOut) {
            return false;
        }
        length = mark;
        return true;
    }

    /** Bytes that aren't out. */
    int pendingBytes() {
        return length;
    }

    /** A block went out. */
    boolean isOut() {
        return isOut;
    }

    @Override
    public void write(final int b) throws IOException {
        if (length == block.length) {
            makeRoom();
        }
        block[length++] = (byte) b;
    }

    @Override
    public void write(final byte[] bytes, final int offset, final int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            if (length == block.length) {
                makeRoom();
            }
            final int part = Math.min(left, block.length - length);
            System.arraycopy(bytes, from, block, length, part);
            length += part;
            from += part;
            left -= part;
        }
    }

    private void makeRoom() throws IOException {
        if (block.length < BLOCK_BYTES) {
            block = Arrays.copyOf(block, Math.min(BLOCK_BYTES, 4 * block.length));
        } else {
            send();
        }
    }

    /**
     * Sends what there is and waits until the connection took it.
     *
     * @throws SlowReaderException    it was not taken in time
     * @throws ReaderGoneException    the other side closed
     * @throws InterruptedIOException this thread was interrupted
     */
    void send() throws IOException {
        if (length == 0) {
            return;
        }
        final HttpData data = take();
        if (!writer.tryWrite(data)) {
            throw new ReaderGoneException();
        }
        awaitTaken();
    }

    /** What there is, as the body's last block. */
    HttpData take() {
        if (!isOut) {
            isOut = true;
            beforeFirst.run();
        }
        final HttpData data = HttpData.wrap(Arrays.copyOf(block, length));
        isMarkOut |= length > mark;
        length = 0;
        mark = 0;
        return data;
    }

    /** Waits until everything sent was taken. */
    void awaitTaken() throws IOException {
        try {
            writer.whenConsumed().get(writeStallMs, TimeUnit.MILLISECONDS);
        } catch (final TimeoutException e) {
            throw new SlowReaderException();
        } catch (final ExecutionException e) {
            throw new ReaderGoneException();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
