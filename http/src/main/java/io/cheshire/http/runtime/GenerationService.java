package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.AnswerCost;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.core.RequestPlan;
import io.cheshire.http.core.Shape;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.router.core.Engine;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Chat and completions: body, checks, admission of every sequence, then a {@link GenerationCall}. Thread-safe. */
final class GenerationService {
    /** A guess: the largest answers take longer, most take less. */
    private static final int FULL_RETRY_SECONDS = 5;

    private final Engine engine;
    private final TextModel text;
    private final ModelInfo model;
    private final HttpLimits limits;
    private final ApiMetrics metrics;
    private final BodyWorker worker;
    private final AnswerBudget budget;
    private final Map<CallInbox, Caller> running = new ConcurrentHashMap<>();
    private volatile boolean isAborting;

    GenerationService(
            final Engine engine,
            final TextModel text,
            final ModelInfo model,
            final HttpLimits limits,
            final ApiMetrics metrics,
            final BodyWorker worker,
            final AnswerBudget budget) {
        this.engine = engine;
        this.text = text;
        this.model = model;
        this.limits = limits;
        this.metrics = metrics;
        this.worker = worker;
        this.budget = budget;
    }

    /** The service of an endpoint whose bodies {@code prepare} understands, whoever sends them. */
    HttpService endpoint(final Function<byte[], PreparedCall> prepare) {
        return endpoint((_, body) -> prepare.apply(body));
    }

    /** The same where it matters who sends them. */
    HttpService endpoint(final BiFunction<Caller, byte[], PreparedCall> prepare) {
        return (ctx, req) -> serve(ctx, req, prepare);
    }

    /**
     * An answer that nobody asked for by HTTP.
     *
     * @throws ApiException it isn't admitted
     */
    HttpResponse answer(final Caller caller, final PreparedCall call) {
        final HttpResponseWriter writer = HttpResponse.streaming();
        start(caller, writer, call);
        return writer;
    }

    /** Calls that somebody waits for, whichever listener they came by; lines of batches aren't among them. */
    int awaitedCalls() {
        return (int)
                running.values().stream().filter(caller -> !caller.yields()).count();
    }

    /** Ends whatever still runs or is about to, with an explicit error to its client. */
    void abortAll() {
        isAborting = true;
        worker.refuseAll();
        running.keySet().forEach(inbox -> inbox.abort(CallInbox.Abort.SHUTDOWN));
    }

    private HttpResponse serve(
            final ServiceRequestContext ctx,
            final HttpRequest req,
            final BiFunction<Caller, byte[], PreparedCall> prepare) {
        final HttpResponseWriter writer = HttpResponse.streaming();
        final Caller caller = Caller.of(ctx);
        worker.submit(ctx, req, writer, body -> start(caller, writer, prepare.apply(caller, body)));
        return writer;
    }

    private void start(final Caller caller, final HttpResponseWriter writer, final PreparedCall call) {
        final long startNs = System.nanoTime();
        final AnswerCost cost = AnswerCost.of(call, limits.api().eventQueue());
        cost.check(call, limits.answers().answerBytes());
        final AnswerBudget.Share share = budget.reserve(cost.keptBytes());
        if (share == null) {
            throw new ApiException(ApiError.overloaded(
                    "The answers under way leave no room for this one (cheshire.router.http.limits.answers-in-flight); "
                            + "come back later, or ask for fewer tokens, choices or logprobs.",
                    jittered(FULL_RETRY_SECONDS)));
        }
        final boolean isStream = call.fields().stream();
        final CallInbox inbox = new CallInbox(inboxCapacity(call), isStream ? null : share, cost.eventBytes());
        running.put(inbox, caller);
        metrics.callStarted();
        try {
            GenerationCall.cancelWhenGone(writer, inbox);
            submitAll(caller, call, inbox);
            if (isAborting) {
                inbox.abort(CallInbox.Abort.SHUTDOWN);
            }
            startCall(caller, writer, call, inbox, share, startNs);
        } catch (final RuntimeException | Error e) {
            inbox.cancelAll();
            running.remove(inbox);
            share.close();
            metrics.callEnded();
            throw e;
        }
    }

    private void startCall(
            final Caller caller,
            final HttpResponseWriter writer,
            final PreparedCall call,
            final CallInbox inbox,
            final AnswerBudget.Share share,
            final long startNs) {
        final ResponseSink sink = new ResponseSink(
                writer,
                caller.requestId(),
                call.shape() instanceof Shape.Scores ? null : call.seed(),
                limits.timeouts().writeStallMs());
        sink.tellIgnored(call.ignored());
        final GenerationCall work = new GenerationCall(call, model, text, inbox, share, metrics, sink, limits, startNs);
        Thread.ofVirtual().name("call-" + sink.requestId()).start(() -> {
            try {
                work.run();
            } finally {
                share.close();
                running.remove(inbox);
            }
        });
    }

    /**
     * A stream's queue is bounded by a limit, a whole response's by what it asked for and by the budget of its events.
     */
    private int inboxCapacity(final PreparedCall call) {
        final int control = 3 * call.sequenceCount() + 1;
        if (call.fields().stream()) {
            return limits.api().eventQueue() + control;
        }
        long tokens = control;
        for (final PreparedPrompt prompt : call.prompts()) {
            tokens += (long) prompt.maxTokens() * call.fields().n();
        }
        return (int) Math.min(tokens, Integer.MAX_VALUE);
    }

    private void submitAll(final Caller caller, final PreparedCall call, final CallInbox inbox) {
        final long deadlineNs = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(limits.timeouts().requestMs());
        for (int sequence = 0; sequence < call.sequenceCount(); sequence++) {
            final PreparedPrompt prompt = call.promptOf(sequence);
            final Engine.Admission admission = engine.submit(
                    RequestPlan.engineRequest(model, call, sequence, caller.tenant(), deadlineNs, caller.yields()),
                    inbox.listener(sequence));
            switch (admission) {
                case Engine.Admission.Accepted(final Engine.Handle handle) -> inbox.add(handle);
                case Engine.Admission.QueueFull(final int queueLimit, final int retryAfterSeconds) ->
                    throw new ApiException(ApiError.overloaded(
                            "The waiting queue is full (" + queueLimit + " sequences); come back later.",
                            jittered(retryAfterSeconds)));
                case Engine.Admission.TooLong(final int tokens, final int limitTokens) ->
                    throw RequestPlan.tooLong(
                            call.shape().promptField(),
                            call.fields().budgetField(),
                            Math.min(tokens, prompt.tokens().size()),
                            Math.max(0, tokens - prompt.tokens().size()),
                            limitTokens);
                case Engine.Admission.NotServing() ->
                    throw new ApiException(
                            ApiError.of(503, "not_serving", "The server takes no requests now; try another one."));
            }
        }
    }

    /** Spread over the same again, so that clients sent away together don't come back together. */
    static int jittered(final int seconds) {
        final int base = Math.max(1, seconds);
        return base + ThreadLocalRandom.current().nextInt(base + 1);
    }
}
