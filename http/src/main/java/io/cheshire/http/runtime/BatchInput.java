package io.cheshire.http.runtime;

import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The lines that a batch reads; those that are blank don't count. Thread-safe.
 *
 * @param fileId   of the file that has them
 * @param endpoint which they ask
 * @param parts    how many there are, blank ones too
 */
record BatchInput(KeptThings things, BatchParser parser, String fileId, String endpoint, int parts) {
    /** Told of a line, from 1 on, what is wrong with it. */
    @FunctionalInterface
    interface Wrongs {
        void add(int line, ApiError error);
    }

    /** @throws ApiException there is no such file any more */
    static BatchInput of(final KeptThings things, final BatchParser parser, final BatchProgress progress) {
        final String fileId = progress.inputFile();
        if (things.get(Kind.FILE, progress.tenant(), fileId) == null) {
            throw gone(fileId);
        }
        return new BatchInput(
                things,
                parser,
                fileId,
                progress.endpoint(),
                things.sumOfParts(fileId).count());
    }

    /** Lines that count. */
    int count() {
        int count = 0;
        for (int i = 0; i < parts; i++) {
            count += isBlank(i) ? 0 : 1;
        }
        return count;
    }

    /** Why a batch can't go on. */
    static ApiException gone(final String fileId) {
        return ApiException.of(
                404,
                "file_not_found",
                "The file " + fileId + " is gone: it was deleted, or its time was over"
                        + " (cheshire.router.http.store.kept).");
    }

    private byte[] bytes(final int index) {
        final byte[] line = things.part(fileId, index);
        if (line == null) {
            throw gone(fileId);
        }
        return line;
    }

    /** @throws ApiException the file is gone */
    boolean isBlank(final int index) {
        for (final byte b : bytes(index)) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }

    /** @throws ApiException the file is gone, or this is no line, which {@link #isValid} would have told */
    BatchParser.Line line(final int index) {
        return parser.line(bytes(index), endpoint);
    }

    /** Every line is a request, and has an id of its own; else {@code wrongs} is told which isn't. */
    boolean isValid(final Wrongs wrongs, final BooleanSupplier goesOn) {
        final Set<String> ids = new HashSet<>();
        boolean isGood = count() > 0;
        if (!isGood) {
            wrongs.add(1, ApiError.invalid("input_file_id", "empty_file", "The file has no lines."));
        }
        for (int i = 0; i < parts && goesOn.getAsBoolean(); i++) {
            if (isBlank(i)) {
                continue;
            }
            try {
                if (!ids.add(line(i).customId())) {
                    throw ApiException.invalid("custom_id", "custom_id is that of another line, too.");
                }
            } catch (final ApiException wrong) {
                isGood = false;
                wrongs.add(i + 1, wrong.error());
            }
        }
        return isGood;
    }
}
