package io.cheshire.http.runtime;

import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.runtime.store.FileUpload;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a file that arrives into its lines, each with its end, and has them kept a block at a time: no more is held than
 * a block and a line. One thread.
 */
final class FileLines {
    /** Read at once. */
    private static final int READ_BYTES = 64 << 10;
    /** Lines are handed on when they have so many bytes together. */
    private static final int BLOCK_BYTES = 256 << 10;

    private final FileUpload upload;
    private final int mostLines;
    private final int mostLineBytes;
    private final List<byte[]> block = new ArrayList<>();
    private int blockBytes;
    private byte[] line = new byte[0];

    FileLines(final FileUpload upload, final int mostLines, final int mostLineBytes) {
        this.upload = upload;
        this.mostLines = mostLines;
        this.mostLineBytes = mostLineBytes;
    }

    /** Most heap that this takes. */
    static long heldBytes(final int mostLineBytes) {
        return 2L * mostLineBytes + READ_BYTES + BLOCK_BYTES;
    }

    /** @throws ApiException there are too many lines, or one is too long */
    void readAll(final InputStream in) throws IOException {
        final byte[] piece = new byte[READ_BYTES];
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            int from = 0;
            for (int i = 0; i < count; i++) {
                if (piece[i] == '\n') {
                    append(piece, from, i + 1);
                    endLine();
                    from = i + 1;
                }
            }
            append(piece, from, count);
        }
        if (line.length > 0) {
            endLine();
        }
        flush();
    }

    private void append(final byte[] piece, final int from, final int to) {
        if (to == from) {
            return;
        }
        final int before = line.length;
        if (to - from > mostLineBytes - before) {
            throw ApiException.invalid(
                    "file",
                    "file has a line of more than " + mostLineBytes + " bytes, line " + (lines() + 1)
                            + "; the limit is that of a request's body (cheshire.router.http.limits.body).");
        }
        line = Arrays.copyOf(line, before + to - from);
        System.arraycopy(piece, from, line, before, to - from);
    }

    private int lines() {
        return upload.parts() + block.size();
    }

    private void endLine() {
        if (lines() == mostLines) {
            throw ApiException.invalid(
                    "file",
                    "file has more than " + mostLines + " lines"
                            + " (cheshire.router.http.store.batch-lines). Send several files.");
        }
        block.add(line);
        blockBytes += line.length;
        line = new byte[0];
        if (blockBytes >= BLOCK_BYTES) {
            flush();
        }
    }

    private void flush() {
        if (!block.isEmpty()) {
            upload.add(block);
            block.clear();
            blockBytes = 0;
        }
    }
}
