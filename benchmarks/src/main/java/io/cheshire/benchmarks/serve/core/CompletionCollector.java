package io.cheshire.benchmarks.serve.core;

import io.cheshire.benchmarks.serve.core.RequestResult.Kinds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Follows one streamed answer: status, then bytes, then an end. Pure: the caller brings the time (ns on the run's
 * clock) with every call. One per request, one thread at a time. The first end counts, later ones change nothing.
 */
public final class CompletionCollector {
    private static final int MAX_ERROR_BYTES = 4096;
    /** More than any model's context: a server that counts further is wrong. */
    private static final int MAX_TOKENS = 1 << 20;

    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final PlannedRequest request;
    private final long sentNs;
    private final TokenTimes tokens = new TokenTimes();
    private final SseParser parser = new SseParser(this::onEvent);
    private final StringBuilder errorBody = new StringBuilder();
    private int status;
    private long nowNs;
    private boolean finished;
    private long promptTokens = -1;
    private long completionTokens = -1;
    private @Nullable RequestResult result;

    public CompletionCollector(final PlannedRequest request, final long sentNs) {
        this.request = request;
        this.sentNs = sentNs;
    }

    /** The response's status line came. */
    public void onStatus(final int httpStatus) {
        status = httpStatus;
    }

    /**
     * Bytes of the body came.
     *
     * @return whether to go on reading; when false, {@link #result()} is there and the connection is to be closed
     */
    public boolean onBytes(final long atNs, final byte[] bytes) {
        nowNs = atNs;
        if (result != null) {
            return false;
        }
        if (status != 200) {
            final int room = Math.max(0, MAX_ERROR_BYTES - errorBody.length());
            errorBody.append(new String(bytes, 0, Math.min(room, bytes.length), StandardCharsets.UTF_8));
            return true;
        }
        try {
            parser.accept(bytes, 0, bytes.length);
        } catch (final IllegalStateException tooLarge) {
            end(Outcome.INFO, Kinds.MALFORMED, tooLarge.getMessage());
        }
        return result == null;
    }

    /** The response ended in good order. */
    public void onComplete(final long atNs) {
        nowNs = atNs;
        if (status != 200) {
            end(Outcome.FAIL, "http_" + status, shortened(errorBody.toString()));
        } else if (finished) {
            end(Outcome.OK, Kinds.OK, null);
        } else {
            end(
                    Outcome.INFO,
                    Kinds.CUT,
                    "the stream ended after " + tokens.count() + " tokens, without a finish reason");
        }
    }

    /** The connection or the time limit ended the response. */
    public void onFailure(final long atNs, final Outcome outcome, final String kind, final String message) {
        nowNs = atNs;
        end(outcome, kind, shortened(message));
    }

    /** How it ended; null while it goes on. */
    public @Nullable RequestResult result() {
        return result;
    }

    private void onEvent(final String name, final byte[] data) {
        if (result != null || java.util.Arrays.equals(data, DONE)) {
            finished |= result == null;
            return;
        }
        try {
            onChunk(name, CompletionChunk.parse(data));
        } catch (final IOException notJson) {
            end(Outcome.INFO, Kinds.MALFORMED, shortened(String.valueOf(notJson.getMessage())));
        }
    }

    private void onChunk(final String name, final CompletionChunk chunk) {
        if (chunk.error() != null || name.equals("error")) {
            end(Outcome.FAIL, Kinds.SERVER_ERROR, shortened(String.valueOf(chunk.error())));
            return;
        }
        if (chunk.token()) {
            noteTokens(chunk.completionTokens());
        }
        finished |= chunk.finishReason() != null;
        promptTokens = Math.max(promptTokens, chunk.promptTokens());
        completionTokens = Math.max(completionTokens, chunk.completionTokens());
        final int leaveAfter = request.hangUpAfterTokens();
        if (leaveAfter > 0 && tokens.count() >= leaveAfter) {
            end(Outcome.INFO, Kinds.HANG_UP, null);
        }
    }

    /** As many as the server counted since the chunk before; one where it doesn't count. */
    private void noteTokens(final long counted) {
        final long came = counted < 0 ? 1 : Math.min(counted, MAX_TOKENS) - tokens.count();
        for (long token = 0; token < came; token++) {
            tokens.add(nowNs);
        }
    }

    private void end(final Outcome outcome, final String kind, final @Nullable String message) {
        if (result == null) {
            final long output = completionTokens >= 0 ? completionTokens : tokens.count();
            result = new RequestResult(request, outcome, kind, message, sentNs, nowNs, tokens, promptTokens, output);
        }
    }

    private static String shortened(final String text) {
        final String oneLine = text.strip().replaceAll("\\s+", " ");
        return oneLine.length() <= 300 ? oneLine : oneLine.substring(0, 300) + "…";
    }
}
