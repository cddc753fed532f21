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

    private final PlanRequestParser parser;
    private final PlanTraceParser traces;
    private final int mostBytes;
    private final BlockingCalls calls = new BlockingCalls(
            MOST_AT_ONCE,
            MOST_AT_ONCE + " plans are being computed; try again in a moment.",
            PlanDeskRefused.class,
            Thread.ofPlatform().daemon().name("planner-", 0).factory());
    private volatile @Nullable PlanDesk desk;

    PlanPlace(final HttpLimits.Json limits) {
        this.parser = new PlanRequestParser(limits);
        this.traces = new PlanTraceParser(limits);
        this.mostBytes = limits.documentBytes();
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
        calls.close();
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
        return calls.answer(() -> Replies.json(200, answer.get()));
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
