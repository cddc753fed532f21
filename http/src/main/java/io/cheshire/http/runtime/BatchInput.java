package io.cheshire.http.runtime;

import io.cheshire.http.core.BatchHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.runtime.store.KeptThings;
import java.util.HashSet;
import java.util.Set;

/** The lines that a batch reads; those that are blank don't count. Thread-safe. */
record BatchInput(KeptThings things, BatchParser parser, BatchHead head, int parts) {
    static BatchInput of(final KeptThings things, final BatchParser parser, final BatchHead head) {
        return new BatchInput(
                things, parser, head, things.sumOfParts(head.inputFile()).count());
    }

    /** Lines that count. */
    int count() {
        int count = 0;
        for (int i = 0; i < parts; i++) {
            count += isBlank(i) ? 0 : 1;
        }
        return count;
    }

    private byte[] bytes(final int index) {
        final byte[] line = things.part(head.inputFile(), index);
        return line == null ? new byte[0] : line;
    }

    boolean isBlank(final int index) {
        for (final byte b : bytes(index)) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }

    /** @throws ApiException it is none, which {@link #isValid} would have told */
    BatchParser.Line line(final int index) {
        return parser.line(bytes(index), head.endpoint());
    }

    /** Every line is a request, and has an id of its own; else the head says which isn't. */
    boolean isValid() {
        final Set<String> ids = new HashSet<>();
        boolean isGood = count() > 0;
        if (!isGood) {
            head.addError(1, ApiError.invalid("input_file_id", "empty_file", "The file has no lines."));
        }
        for (int i = 0; i < parts; i++) {
            if (isBlank(i)) {
                continue;
            }
            try {
                if (!ids.add(line(i).customId())) {
                    throw ApiException.invalid("custom_id", "custom_id is that of another line, too.");
                }
            } catch (final ApiException wrong) {
                isGood = false;
                head.addError(i + 1, wrong.error());
            }
        }
        return isGood;
    }
}
