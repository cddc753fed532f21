package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpResponseWriter;
import io.cheshire.http.core.AnswerCost;
import io.cheshire.http.core.AnswerWriter;
import io.cheshire.http.core.ChoiceState;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.core.RequestPlan;
import io.cheshire.http.core.ResponseAnswer;
import io.cheshire.http.core.ScoreAnswer;
import io.cheshire.http.core.Shape;
import io.cheshire.http.core.ShownPart;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.core.Usage;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
    /** Text beyond what was reckoned is charged in steps of so many characters. */
    private static final int TEXT_STEP_CHARS = 16 << 10;

    private static final int FULL_RETRY_SECONDS = 5;

    private final PreparedCall call;
    private final CallInbox inbox;
    private final AnswerBudget.Share share;
    private final ApiMetrics metrics;
    private final ResponseSink sink;
    private final AnswerForm form;
    private final String id;
    private final long requestTimeoutMs;
    private final WaitingStream waiting;
    private final List<ChoiceState> choices = new ArrayList<>();
    private final long[] lastTokenNs;
    private final long promptTokens;
    private final long startNs;
    private long cachedTokens;
    private long generatedTokens;
    private long acceptedTokens;
    private long rejectedTokens;
    private long keptChars;
    private long chargedChars;
    private int open;

    GenerationCall(
            final PreparedCall call,
            final ModelInfo model,
            final TextModel text,
            final CallInbox inbox,
            final AnswerBudget.Share share,
            final ApiMetrics metrics,
            final ResponseSink sink,
            final HttpLimits limits,
            final long startNs) {
        this.call = call;
        this.inbox = inbox;
        this.share = share;
        this.metrics = metrics;
        this.sink = sink;
        this.startNs = startNs;
        this.requestTimeoutMs = limits.timeouts().requestMs();
        this.waiting = new WaitingStream(limits.answers(), call.fields().stream(), startNs);
        this.id = call.shape().idPrefix() + sink.requestId();
        this.form = form(call, model, id, sink);
        this.open = call.sequenceCount();
        this.lastTokenNs = new long[open];
        this.chargedChars = AnswerCost.expectedTextChars(call);
        this.promptTokens = call.prompts().stream()
                .mapToLong(prompt -> prompt.tokens().size())
                .sum();
        Arrays.fill(lastTokenNs, startNs);
        final Set<Integer> stopIds = RequestPlan.stopIds(model, call.fields());
        for (int sequence = 0; sequence < open; sequence++) {
            choices.add(new ChoiceState(call, sequence, text, stopIds));
        }
    }

    private static AnswerForm form(
            final PreparedCall call, final ModelInfo model, final String id, final ResponseSink sink) {
        final long nowSeconds = System.currentTimeMillis() / 1000;
        if (call.shape() instanceof final Shape.Scores scores) {
            return new ScoresForm(new ScoreAnswer(scores.call(), model, id, nowSeconds), sink);
        }
        return call.shape() instanceof final Shape.Response response
                ? new ResponseForm(
                        new ResponseAnswer(
                                id,
                                nowSeconds,
                                model,
                                call.limits(),
                                response.extras().logprobs() ? response.extras().labels() : null,
                                response.echo()),
                        sink,
                        response.kept())
                : new ChoicesForm(
                        new AnswerWriter(call, model, id, nowSeconds),
                        sink,
                        call.fields().includeUsage());
    }

    @Override
    public void run() {
        try {
            pump();
        } catch (final InterruptedException | InterruptedIOException e) {
            Thread.currentThread().interrupt();
            fail(shuttingDown());
        } catch (final BlockOutput.SlowReaderException e) {
            inbox.abort(CallInbox.Abort.SLOW_READER);
            aborted(CallInbox.Abort.SLOW_READER);
        } catch (final BlockOutput.ReaderGoneException e) {
            inbox.abort(CallInbox.Abort.CLIENT_GONE);
            aborted(CallInbox.Abort.CLIENT_GONE);
        } catch (final IOException | RuntimeException | Error e) {
            LOG.error("request {} failed", id, e);
            fail(ErrorHandler.failed(sink.requestId()));
        } finally {
            inbox.cancelAll();
            metrics.callEnded();
        }
    }

    private void pump() throws InterruptedException, IOException {
        while (open > 0) {
            final CallEvent event = next();
            final CallInbox.Abort abort = inbox.aborted();
            if (abort != null) {
                aborted(abort);
                return;
            }
            if (event == null) {
                fail(ApiError.of(504, "deadline_exceeded", "The engine did not answer in time."));
                return;
            }
            final ApiError error = takeAvailable(event);
            if (error != null) {
                fail(error);
                return;
            }
            if (sink.hasPending()) {
                sink.flush();
                waiting.wrote(System.nanoTime());
            }
        }
        if (call.fields().stream()) {
            form.finished(usage());
        } else {
            form.whole(choices, usage());
        }
        metrics.whole(System.nanoTime() - startNs);
    }

    /** The next event, or null if none came in time; says meanwhile that a stream is alive. */
    private @Nullable CallEvent next() throws InterruptedException, IOException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(requestTimeoutMs + ENGINE_GRACE_MS);
        while (true) {
            final long nowNs = System.nanoTime();
            final long waitNs = Math.min(deadlineNs - nowNs, waiting.silentForNs(nowNs));
            final CallEvent event = inbox.poll(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNs)));
            if (event != null || inbox.aborted() != null || System.nanoTime() - deadlineNs >= 0) {
                return event;
            }
            if (waiting.silentForNs(System.nanoTime()) <= 0) {
                sink.waiting();
                waiting.wrote(System.nanoTime());
            }
        }
    }

    private @Nullable ApiError takeAvailable(final CallEvent first) throws IOException {
        CallEvent event = first;
        for (int i = 0; event != null; i++) {
            final ApiError error = on(event);
            if (error != null) {
                return error;
            }
            event = i < MAX_EVENTS_PER_WRITE && open > 0 ? inbox.poll() : null;
        }
        return null;
    }

    private @Nullable ApiError on(final CallEvent event) throws IOException {
        switch (event) {
            case CallEvent.Prompt(final int sequence, final var scores, final int cached) -> {
                // A prompt counts once however many choices it has, as OpenAI counts.
                cachedTokens += sequence % call.fields().n() == 0 ? cached : 0;
                choices.get(sequence).onPrompt(scores, cached);
                if (call.fields().stream()) {
                    form.opened(sequence, choices.get(sequence), usage());
                }
                show(sequence);
            }
            case CallEvent.Pooled(final int sequence, final var rows) ->
                choices.get(sequence).onPooled(rows);
            case CallEvent.Token(
                    final int sequence,
                    final int index,
                    final int tokenId,
                    final var scores,
                    final long at,
                    final boolean isGuessed,
                    final int rejected) -> {
                final ChoiceState choice = choices.get(sequence);
                if (!choice.isFinished()) {
                    measure(sequence, index, at);
                    generatedTokens++;
                    acceptedTokens += isGuessed ? 1 : 0;
                    rejectedTokens += rejected;
                    keptChars -= choice.keptChars();
                    choice.onToken(index, tokenId, scores);
                    keptChars += choice.keptChars();
                    show(sequence);
                    if (choice.isFinished()) {
                        inbox.cancel(sequence);
                        ended(sequence);
                    }
                    return hasRoom() ? null : overloaded();
                }
            }
            case CallEvent.Finished(final int sequence, final FinishReason reason) -> {
                final ChoiceState choice = choices.get(sequence);
                if (!choice.isFinished()) {
                    if (reason == FinishReason.CANCELLED) {
                        return ApiError.of(
                                503, "cancelled", "The sequence was cancelled by the server; send it again.");
                    }
                    choice.onFinished(reason);
                    show(sequence);
                    ended(sequence);
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

    /** Tokens with longer texts than most: what was reserved doesn't cover them. */
    private boolean hasRoom() {
        if (keptChars <= chargedChars) {
            return true;
        }
        chargedChars += TEXT_STEP_CHARS;
        return share.extend(AnswerCost.textBytes(TEXT_STEP_CHARS));
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

    private void show(final int sequence) throws IOException {
        if (!call.fields().stream()) {
            return;
        }
        final ChoiceState choice = choices.get(sequence);
        final List<ShownPart> parts = choice.parts();
        form.part(sequence, parts, usage());
        choice.shown(parts);
    }

    private void ended(final int sequence) throws IOException {
        open--;
        if (call.fields().stream()) {
            form.ended(sequence, choices.get(sequence), usage());
        }
    }

    private Usage usage() {
        return new Usage(promptTokens, generatedTokens, cachedTokens, acceptedTokens, rejectedTokens);
    }

    private void aborted(final CallInbox.Abort reason) {
        metrics.cancelled(reason.code());
        switch (reason) {
            case CLIENT_GONE -> sink.abort();
            case SLOW_READER ->
                fail(ApiError.of(
                        503, "slow_reader", "The stream was cancelled: its reader did not keep up; read faster."));
            case OVERLOADED -> fail(overloaded());
            case SHUTDOWN -> fail(shuttingDown());
        }
    }

    private static ApiError overloaded() {
        return ApiError.overloaded(
                "The answers under way leave no room for this one (cheshire.router.http.limits.answers-in-flight); "
                        + "come back later, or ask for fewer tokens, choices or logprobs.",
                GenerationService.jittered(FULL_RETRY_SECONDS));
    }

    private static ApiError shuttingDown() {
        return ApiError.of(503, "shutting_down", "The server is stopping; send the request again.");
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
            case FORMAT -> ApiError.invalid(null, "unmatched_format", message);
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
