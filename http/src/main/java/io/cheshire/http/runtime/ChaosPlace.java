package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.console.ChaosState;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.ChaosRequestParser;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.runtime.console.Laboratory;
import io.cheshire.http.runtime.console.LaboratoryAsk;
import io.cheshire.http.runtime.console.LaboratoryRefused;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Experiments on an operations listener: their own paths, which aren't there unless they are switched on, with a key of
 * their own. Whatever is done is logged with who and why. Safe from any thread.
 */
final class ChaosPlace {
    static final String ROOT = "/admin/v1/chaos";
    static final String REPORT_PAGES = ConsolePlace.PAGES + "/report";

    /** Says who did what and why; at a level that is on by default. */
    private static final Logger AUDIT = LoggerFactory.getLogger("io.cheshire.audit");

    /** Calls that may block at a time: a laboratory asks the cluster before it answers. */
    private static final int MOST_CALLS = 8;

    private static final int MOST_ID_CHARS = 64;
    /** A report's own styles stand in it; it has no script and loads nothing. */
    private static final String REPORT_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'; sandbox";

    private final RequestGuard guard;
    private final ChaosRequestParser parser;
    private final ReportTickets tickets = new ReportTickets(System::nanoTime);
    private final BlockingCalls calls = new BlockingCalls(
            MOST_CALLS,
            MOST_CALLS + " such requests are being answered; try again.",
            LaboratoryRefused.class,
            Thread.ofVirtual().name("laboratory-call").factory());
    private volatile @Nullable Laboratory laboratory;

    ChaosPlace(final String key, final HttpLimits.Json limits) {
        this.guard = new RequestGuard(new ApiKeys(List.of(new ApiConfig.ApiKey("chaos", key))), () -> false);
        this.parser = new ChaosRequestParser(limits);
    }

    /** From now on there is somebody who runs them. */
    void open(final Laboratory opened) {
        laboratory = opened;
    }

    /** Ends what runs. */
    void close() {
        final Laboratory last = laboratory;
        laboratory = null;
        if (last != null) {
            last.close();
        }
    }

    ChaosState shown() {
        final Laboratory now = laboratory;
        return now == null ? new ChaosState(true, null) : now.shown();
    }

    void addTo(final Endpoints endpoints, final BodyIntake bodies) {
        get(endpoints, "", ctx -> laboratory().state());
        get(endpoints, "/catalogue", ctx -> laboratory().catalogue());
        get(endpoints, "/reports/*", ctx -> found(laboratory().report(id(Endpoints.below(ctx, ROOT + "/reports/")))));
        get(endpoints, "/compare", this::compare);
        post(endpoints, bodies, "check", (who, body) -> laboratory().check(ask(parser.run(body, false))));
        post(endpoints, bodies, "start", this::start);
        post(endpoints, bodies, "abort", this::abort);
        post(endpoints, bodies, "tickets", (who, body) -> ticket(parser.report(body)));
        endpoints.open(REPORT_PAGES + "/*", (ctx, req) -> page(Endpoints.below(ctx, REPORT_PAGES + "/")));
    }

    /** A report may be large, so that even reading takes a while. */
    private void get(
            final Endpoints endpoints, final String below, final Function<ServiceRequestContext, JsonNode> answer) {
        endpoints.get(
                ROOT + below,
                (ctx, req) -> HttpResponse.of(calls.answer(() -> Replies.json(200, answer.apply(ctx)))),
                guard);
    }

    /** Does something for somebody, on a thread that may block. */
    @FunctionalInterface
    private interface Action {
        JsonNode answer(String who, byte[] body);
    }

    private void post(final Endpoints endpoints, final BodyIntake bodies, final String what, final Action action) {
        endpoints.post(
                ROOT + "/" + what,
                (ctx, req) -> {
                    final String who = who(ctx);
                    return HttpResponse.of(bodies.collect(ctx, req, ChaosRequestParser.MAX_BODY_BYTES)
                            .thenCompose(body -> calls.answer(() -> Replies.json(200, action.answer(who, body)))));
                },
                guard);
    }

    private JsonNode start(final String who, final byte[] body) {
        final ChaosRequestParser.Run run = parser.run(body, true);
        try {
            final String id = laboratory().start(ask(run));
            AUDIT.warn("{} starts the experiment {} on: {}: {}", who, id, word(run.on()), shown(run.why()));
            return JsonNodeFactory.instance.objectNode().put("id", id);
        } catch (final LaboratoryRefused refused) {
            AUDIT.warn("{} may not start an experiment: {}", who, shown(String.valueOf(refused.getMessage())));
            throw refused;
        }
    }

    private JsonNode abort(final String who, final byte[] body) {
        final String why = parser.why(body);
        final ChaosState.Running running = shown().running();
        laboratory().abort(why);
        AUDIT.warn("{} ends the experiment {}: {}", who, running == null ? "" : running.id(), shown(why));
        return JsonNodeFactory.instance.objectNode().put("message", "it ends");
    }

    private JsonNode ticket(final String report) {
        found(laboratory().page(id(report)));
        return JsonNodeFactory.instance.objectNode().put("path", REPORT_PAGES + "/" + tickets.issue(report));
    }

    private HttpResponse page(final String ticket) {
        final String report = tickets.redeem(ticket);
        if (report == null) {
            throw ApiException.of(
                    404,
                    "not_found",
                    "This link was used or is older than a minute; open the report from the console.");
        }
        final ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.HTML_UTF_8)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, REPORT_POLICY)
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .set(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
                .build();
        return HttpResponse.of(headers, HttpData.ofUtf8(found(laboratory().page(report))));
    }

    private JsonNode compare(final ServiceRequestContext ctx) {
        final QueryParams query = QueryParams.fromQueryString(ctx.query());
        return found(laboratory().compare(id(query.get("a", "")), id(query.get("b", ""))));
    }

    private Laboratory laboratory() {
        final Laboratory now = laboratory;
        if (now == null) {
            throw ApiException.of(503, "no_laboratory", "Nobody runs experiments here yet, or no longer; try again.");
        }
        return now;
    }

    private static LaboratoryAsk ask(final ChaosRequestParser.Run run) {
        return new LaboratoryAsk(run.file(), run.on(), run.seed());
    }

    private static String id(final String text) {
        if (text.isEmpty() || text.length() > MOST_ID_CHARS) {
            throw ApiException.of(404, "not_found", "There is no such report.");
        }
        return text;
    }

    private static <T> T found(final @Nullable T what) {
        if (what == null) {
            throw ApiException.of(404, "not_found", "There is no such report, or no longer: only the latest are kept.");
        }
        return what;
    }

    private static String who(final ServiceRequestContext ctx) {
        return ctx.remoteAddress().getAddress().getHostAddress();
    }

    /** Words of people, in one line of a log. */
    private static String shown(final String words) {
        return words.replaceAll("\\p{Cntrl}", " ");
    }

    private static String word(final String on) {
        return on.matches("[a-z]+") ? on : "?";
    }
}
