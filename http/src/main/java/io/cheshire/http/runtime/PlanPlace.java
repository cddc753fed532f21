package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpResponse;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.PlanRequestParser;
import io.cheshire.http.protocol.PlanTraceParser;
import io.cheshire.http.runtime.console.PlanAsk;
import io.cheshire.http.runtime.console.PlanDesk;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A planner on an operations listener. It only reads, but it computes: so many at a time, on threads of its own, and
 * what comes beyond is told to come again. Safe from any thread.
 */
final class PlanPlace {
    static final String ROOT = "/admin/v1/plan";

    /** Plans that are computed at a time: a router has better things to do with its cores. */
    private static final int MOST_AT_ONCE = 2;

    private static final int KEPT_SECONDS = 30;

    private final PlanRequestParser parser;
    private final PlanTraceParser traces;
    private final int mostBytes;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);
    private final ExecutorService threads;
    private volatile @Nullable PlanDesk desk;

    PlanPlace(final HttpLimits.Json limits) {
        this.parser = new PlanRequestParser(limits);
        this.traces = new PlanTraceParser(limits);
        this.mostBytes = limits.documentBytes();
        final ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MOST_AT_ONCE,
                MOST_AT_ONCE,
                KEPT_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("planner-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /** From now on there is somebody who plans. */
    void open(final PlanDesk opened) {
        desk = opened;
    }

    void close() {
        final PlanDesk last = desk;
        desk = null;
        if (last != null) {
            last.close();
        }
        threads.shutdownNow();
    }

    void addTo(final Endpoints endpoints, final BodyIntake bodies) {
        endpoints.get(ROOT, (ctx, req) -> HttpResponse.of(aside(this::catalogue)));
        endpoints.get(ROOT + "/actual", (ctx, req) -> HttpResponse.of(aside(() -> desk().actual())));
        post(endpoints, bodies, "screen", body -> desk().screen(ask(parser.form(body, false))));
        post(endpoints, bodies, "simulate", body -> desk().simulate(ask(parser.form(body, false))));
        post(endpoints, bodies, "search", body -> desk().search(ask(parser.form(body, false))));
        post(endpoints, bodies, "emit", body -> {
            final PlanRequestParser.Form form = parser.form(body, true);
            return JsonNodeFactory.instance.objectNode().put("text", desk().emit(ask(form), form.target()));
        });
        // As large as a body may be at all: text, or packed.
        endpoints.post(
                ROOT + "/trace",
                (ctx, req) -> HttpResponse.of(
                        bodies.collect(ctx, req, mostBytes).thenCompose(body -> aside(() -> trace(body)))));
    }

    private JsonNode trace(final byte[] body) {
        final PlanDesk now = desk();
        final PlanTraceParser.Trace trace = traces.trace(body);
        return now.trace(trace.name(), trace.text());
    }

    @FunctionalInterface
    private interface Action {
        JsonNode answer(byte[] body);
    }

    private void post(final Endpoints endpoints, final BodyIntake bodies, final String what, final Action action) {
        endpoints.post(
                ROOT + "/" + what,
                (ctx, req) -> HttpResponse.of(bodies.collect(ctx, req, PlanRequestParser.MAX_BODY_BYTES)
                        .thenCompose(body -> aside(() -> action.answer(body)))));
    }

    private CompletableFuture<HttpResponse> aside(final Supplier<JsonNode> answer) {
        if (!places.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    ApiException.of(503, "busy", MOST_AT_ONCE + " plans are being computed; try again in a moment."));
        }
        try {
            return CompletableFuture.supplyAsync(() -> computed(answer), threads);
        } catch (final RejectedExecutionException closed) {
            places.release();
            return CompletableFuture.failedFuture(
                    ApiException.of(503, "shutting_down", "The router is stopping; ask another one."));
        }
    }

    private HttpResponse computed(final Supplier<JsonNode> answer) {
        final JsonNode found;
        try {
            found = answer.get();
        } catch (final PlanDeskRefused refused) {
            throw ApiException.of(409, "refused", String.valueOf(refused.getMessage()));
        } finally {
            // Before it is answered: whoever has the answer may ask again.
            places.release();
        }
        return Replies.json(200, found);
    }

    private JsonNode catalogue() {
        final PlanDesk now = desk;
        if (now == null) {
            return JsonNodeFactory.instance.objectNode().put("available", false);
        }
        final ObjectNode shown = JsonNodeFactory.instance.objectNode();
        now.catalogue().properties().forEach(each -> shown.set(each.getKey(), each.getValue()));
        shown.putObject("traceLimits")
                .put("bytes", PlanTraceParser.MOST_BYTES)
                .put("lines", PlanTraceParser.MOST_LINES)
                .put("bodyBytes", mostBytes);
        return shown;
    }

    private PlanDesk desk() {
        final PlanDesk now = desk;
        if (now == null) {
            throw ApiException.of(
                    503,
                    "no_planner",
                    "This build has no planner, as an image hasn't; ./cheshire serve of a checkout has, and so has"
                            + " ./cheshire plan.");
        }
        return now;
    }

    private static PlanAsk ask(final PlanRequestParser.Form form) {
        return new PlanAsk(form.numbers(), form.counts(), form.words());
    }
}
