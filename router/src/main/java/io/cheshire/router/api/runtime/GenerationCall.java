package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpResponseWriter;
import io.cheshire.router.api.core.ChoiceState;
import io.cheshire.router.api.core.ChoiceText;
import io.cheshire.router.api.core.ModelInfo;
import io.cheshire.router.api.core.PreparedCall;
import io.cheshire.router.api.core.RequestPlan;
import io.cheshire.router.api.core.ResponseJson;
import io.cheshire.router.api.core.ScoredToken;
import io.cheshire.router.api.core.Shape;
import io.cheshire.router.api.core.TextModel;
import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted generation request. Runs on a virtual thread of its own: takes events from the {@link CallInbox},
 * turns them into text, and writes the response, waiting for a slow reader without holding up the engine. Ends with
 * exactly one of: whole response, error response, error event in a started stream, aborted connection.
 */
final class GenerationCall implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationCall.class);
    private static final int MAX_EVENTS_PER_WRITE = 64;
    private static final long ENGINE_GRACE_MS = 30_000;

    private final PreparedCall call;
    private final ModelInfo model;
    private final CallInbox inbox;
    private final ApiMetrics metrics;
    private final ResponseSink sink;
    private final String id;
    private final long createdSeconds;
    private final long requestTimeoutMs;
    private final List<ChoiceState> choices = new ArrayList<>();
    private final long[] lastTokenNs;
    private int open;

    GenerationCall(
            final PreparedCall call,
            final ModelInfo model,
            final TextModel text,
            final CallInbox inbox,
            final ApiMetrics metrics,
            final ResponseSink sink,
            final long requestTimeoutMs,
            final long startNs) {
        this.call = call;
        this.model = model;
        this.inbox = inbox;
        this.metrics = metrics;
        this.sink = sink;
        this.requestTimeoutMs = requestTimeoutMs;
        this.id = call.shape().idPrefix() + sink.requestId();
        this.createdSeconds = System.currentTimeMillis() / 1000;
        this.open = call.sequenceCount();
        this.lastTokenNs = new long[open];
        Arrays.fill(lastTokenNs, startNs);
        final Set<Integer> stopIds = RequestPlan.stopIds(model, call.fields());
        for (int sequence = 0; sequence < open; sequence++) {
            choices.add(new ChoiceState(call, sequence, text, stopIds));
        }
    }

    @Override
    public void run() {
        try {
            pump();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(ApiError.of(503, "shutting_down", "The server is stopping; send the request again."));
        } catch (final RuntimeException | Error e) {
            LOG.error("request {} failed", id, e);
            fail(ErrorHandler.failed(sink.requestId()));
        } finally {
            inbox.cancelAll();
            metrics.callEnded();
        }
    }

    private void pump() throws InterruptedException {
        while (open > 0) {
            final CallEvent event = inbox.poll(requestTimeoutMs + ENGINE_GRACE_MS);
            if (inbox.aborted() != null) {
                aborted(inbox.aborted());
                return;
            }
            if (event == null) {
                fail(ApiError.of(504, "deadline_exceeded", "The engine did not answer in time."));
                return;
            }
            final StringBuilder chunks = new StringBuilder();
            final ApiError error = takeAvailable(event, chunks);
            if (error != null) {
                sink.writeChunks(chunks);
                fail(error);
                return;
            }
            if (call.fields().stream() && !sink.writeChunks(chunks)) {
                inbox.abort(CallInbox.Abort.SLOW_READER);
            }
        }
        if (call.fields().stream()) {
            finishStream();
        } else {
            sink.whole(whole());
        }
    }

    private @Nullable ApiError takeAvailable(final CallEvent first, final StringBuilder chunks) {
        CallEvent event = first;
        for (int i = 0; event != null; i++) {
            final ApiError error = on(event, chunks);
            if (error != null) {
                return error;
            }
            event = i < MAX_EVENTS_PER_WRITE && open > 0 ? inbox.poll() : null;
        }
        return null;
    }

    private @Nullable ApiError on(final CallEvent event, final StringBuilder chunks) {
        switch (event) {
            case CallEvent.Prompt(final int sequence, final var scores, final int cached) -> {
                final ChoiceState choice = choices.get(sequence);
                final ObjectNode opening = call.fields().stream() ? call.shape().opening(sequence) : null;
                if (opening != null) {
                    append(chunks, opening);
                }
                show(sequence, choice.onPrompt(scores, cached), chunks);
            }
            case CallEvent.Token(
                    final int sequence,
                    final int index,
                    final int tokenId,
                    final var scores,
                    final long at) -> {
                final ChoiceState choice = choices.get(sequence);
                if (!choice.isFinished()) {
                    measure(sequence, index, at);
                    show(sequence, choice.onToken(index, tokenId, scores), chunks);
                    if (choice.isFinished()) {
                        inbox.cancel(sequence);
                        ended(sequence, chunks);
                    }
                }
            }
            case CallEvent.Finished(final int sequence, final FinishReason reason) -> {
                final ChoiceState choice = choices.get(sequence);
                if (!choice.isFinished()) {
                    if (reason == FinishReason.CANCELLED) {
                        return ApiError.of(
                                503, "cancelled", "The sequence was cancelled by the server; send it again.");
                    }
                    show(sequence, choice.onFinished(reason), chunks);
                    ended(sequence, chunks);
                }
            }
            case CallEvent.Failed(final int sequence, final GenerationError error, final String message) -> {
                if (!choices.get(sequence).isFinished()) {
                    return errorOf(error, message);
                }
            }
            case CallEvent.Wake() -> {
                // The flags were looked at already.
            }
        }
        return null;
    }

    private void measure(final int sequence, final int index, final long atNs) {
        final long ns = atNs - lastTokenNs[sequence];
        lastTokenNs[sequence] = atNs;
        if (index == 0) {
            metrics.firstToken(ns);
        } else {
            metrics.nextToken(ns);
        }
    }

    private void show(final int sequence, final ChoiceText.Delta delta, final StringBuilder chunks) {
        if (call.fields().stream() && call.shape().isShown(delta)) {
            append(chunks, call.shape().delta(sequence, delta.text(), delta.tokens(), null));
        }
    }

    private void ended(final int sequence, final StringBuilder chunks) {
        open--;
        if (call.fields().stream()) {
            append(
                    chunks,
                    call.shape()
                            .delta(
                                    sequence,
                                    "",
                                    List.of(),
                                    choices.get(sequence).finishReason()));
        }
    }

    private void append(final StringBuilder chunks, final ObjectNode choice) {
        final ObjectNode chunk = ResponseJson.head(id, call.shape().chunkObject(), createdSeconds, model);
        chunk.putArray("choices").add(withPromptIds(choice));
        if (call.fields().includeUsage()) {
            chunk.putNull("usage");
        }
        sink.appendChunk(chunks, chunk);
    }

    private ObjectNode withPromptIds(final ObjectNode choice) {
        final boolean isFirstOrWhole =
                !call.fields().stream() || choice.path("finish_reason").isTextual();
        if (call.promptIds() && isFirstOrWhole) {
            final int sequence = choice.get("index").intValue();
            choice.set(
                    "prompt_token_ids", ResponseJson.ids(call.promptOf(sequence).tokens()));
        }
        return choice;
    }

    private void finishStream() throws InterruptedException {
        final StringBuilder chunks = new StringBuilder();
        if (call.fields().includeUsage()) {
            final ObjectNode chunk = ResponseJson.head(id, call.shape().chunkObject(), createdSeconds, model);
            chunk.putArray("choices");
            chunk.set("usage", usage());
            sink.appendChunk(chunks, chunk);
        }
        chunks.append("data: [DONE]\n\n");
        sink.finishStream(chunks);
    }

    private ObjectNode whole() {
        final ObjectNode root = ResponseJson.head(id, call.shape().object(), createdSeconds, model);
        final ArrayNode list = root.putArray("choices");
        for (int sequence = 0; sequence < choices.size(); sequence++) {
            final ChoiceState choice = choices.get(sequence);
            final List<ScoredToken> tokens = choice.tokens();
            final Shape shape = call.shape();
            list.add(withPromptIds(shape.choice(sequence, choice.text(), tokens, choice.finishReason())));
        }
        root.set("usage", usage());
        return root;
    }

    /** A prompt counts once however many choices it has, as OpenAI counts. */
    private ObjectNode usage() {
        long promptTokens = 0;
        long cachedTokens = 0;
        long generatedTokens = 0;
        for (int sequence = 0; sequence < choices.size(); sequence++) {
            final ChoiceState choice = choices.get(sequence);
            generatedTokens += choice.generatedTokens();
            if (sequence % call.fields().n() == 0) {
                promptTokens += choice.prompt().tokens().size();
                cachedTokens += choice.cachedTokens();
            }
        }
        return ResponseJson.usage(promptTokens, generatedTokens, cachedTokens);
    }

    private void aborted(final CallInbox.Abort reason) {
        metrics.cancelled(reason.code());
        switch (reason) {
            case CLIENT_GONE -> sink.abort();
            case SLOW_READER ->
                fail(ApiError.of(
                        503, "slow_reader", "The stream was cancelled: its reader did not keep up; read faster."));
            case SHUTDOWN -> fail(ApiError.of(503, "shutting_down", "The server is stopping; send the request again."));
        }
    }

    private void fail(final ApiError error) {
        inbox.cancelAll();
        metrics.rejected(error.code());
        sink.fail(error);
    }

    private static ApiError errorOf(final GenerationError error, final String message) {
        return switch (error) {
            case DEADLINE -> ApiError.of(504, "deadline_exceeded", message);
            case EXPERT_UNAVAILABLE -> ApiError.of(503, "expert_unavailable", message);
            case NUMERIC -> ApiError.of(500, "numeric_error", message);
            case SHUTDOWN -> ApiError.of(503, "shutting_down", message);
            case INTERNAL -> ApiError.of(500, "internal_error", message);
        };
    }

    /** The writer's end tells that the client is gone. */
    static void cancelWhenGone(final HttpResponseWriter writer, final CallInbox inbox) {
        var _ = writer.whenComplete().whenComplete((ok, cause) -> {
            if (cause != null) {
                inbox.abort(CallInbox.Abort.CLIENT_GONE);
            }
        });
    }
}
