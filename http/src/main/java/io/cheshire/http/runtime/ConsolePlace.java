package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.console.ChaosState;
import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.runtime.console.Console;
import io.cheshire.http.runtime.console.ConsoleFiles;
import io.cheshire.http.runtime.console.ConsoleSource;
import io.cheshire.http.runtime.console.Laboratory;
import io.cheshire.http.runtime.console.PlanDesk;
import io.micrometer.core.instrument.Gauge;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live console's place on an operations listener, which opens before there is anything to show. Its files are for
 * everybody, since a browser that opens a page can't send a key; all that they show and change goes through endpoints
 * that ask for one. Its chat is a way to the API for pages of this origin, with the API's own keys. Safe from any
 * thread.
 */
public final class ConsolePlace {
    static final String PAGES = "/ui";

    private static final int MOST_METRICS = 64;
    private static final int MOST_METRIC_CHARS = 64;
    private static final String METRIC = "metric";
    private static final String SECONDS = "seconds";

    private final ConsoleFiles files = new ConsoleFiles();
    private final ApiConfig config;
    private final @Nullable ChaosPlace chaos;
    private final PlanPlace plans;
    private volatile @Nullable Shown shown;

    /** What there is to show, and the way to the API. */
    private record Shown(Console console, ConsoleSource source, HttpService chat) {}

    /**
     * An empty place.
     *
     * @param config      of the API whose keys the chat asks for, and of the limits
     * @param experiments who may run them
     */
    public ConsolePlace(final ApiConfig config, final ChaosConfig experiments) {
        this.config = config;
        final String key = experiments.key();
        this.chaos = key == null ? null : new ChaosPlace(key, config.limits().json());
        this.plans = new PlanPlace(config.limits().json());
    }

    /** Whether experiments are switched on. */
    public boolean runsExperiments() {
        return chaos != null;
    }

    /**
     * From now on experiments can be run here, until nothing is shown any more.
     *
     * @throws IllegalStateException they are switched off
     */
    public void open(final Laboratory laboratory) {
        if (chaos == null) {
            throw new IllegalStateException(ChaosConfig.SECTION + ".enabled is off");
        }
        chaos.open(laboratory);
    }

    /** From now on capacity can be planned here, until nothing is shown any more. */
    public void open(final PlanDesk desk) {
        plans.open(desk);
    }

    /** What all pages show of them. */
    ChaosState chaosState() {
        return chaos == null ? ChaosState.OFF : chaos.shown();
    }

    /**
     * Shows a router from now on.
     *
     * @param chat generates answers for conversations
     */
    void show(final ConsoleSource source, final HttpService chat) {
        if (chaos != null) {
            Gauge.builder("cheshire.chaos.active", chaos, place -> place.shown().running() == null ? 0 : 1)
                    .description("Whether an experiment of the console runs")
                    .register(source.registry());
        }
        // The other half of the connections is left to those who scrape metrics and change the cluster.
        final int streams = Math.max(1, config.limits().totals().opsConnections() / 2);
        shown = new Shown(Console.start(source, streams), source, chat);
    }

    /** Shows nothing any more: streams of events end, since the listener would wait for them. */
    void clear() {
        if (chaos != null) {
            chaos.close();
        }
        plans.close();
        final Shown last = shown;
        shown = null;
        if (last != null) {
            last.console().close();
        }
    }

    private Shown shown() {
        final Shown now = shown;
        if (now == null) {
            throw ApiException.of(503, "no_router", "There is no router to show here yet, or no longer; try again.");
        }
        return now;
    }

    private boolean isDraining() {
        final Shown now = shown;
        return now != null && now.source().draining().getAsBoolean();
    }

    void addTo(final Endpoints endpoints, final BodyIntake bodies) {
        if (chaos != null) {
            chaos.addTo(endpoints, bodies);
        }
        plans.addTo(endpoints, bodies);
        endpoints.open(PAGES, (ctx, req) -> file("", req));
        endpoints.open(PAGES + "/*", (ctx, req) -> file(Endpoints.below(ctx, PAGES + "/"), req));
        endpoints.get("/admin/v1/snapshot", (ctx, req) -> json(shown().console().snapshot()));
        endpoints.get("/admin/v1/events", (ctx, req) -> events(req));
        endpoints.get("/admin/v1/history", (ctx, req) -> history(ctx));
        endpoints.get(
                "/admin/v1/placements",
                (ctx, req) -> json(Replies.bytes(shown().console().placements())));
        endpoints.get("/admin/v1/settings", (ctx, req) -> json(Replies.bytes(settings())));
        endpoints.generate(
                PAGES + "/api/v1/chat/completions",
                (ctx, req) -> shown().chat().serve(ctx, req),
                new RequestGuard(new ApiKeys(config.keys()), this::isDraining));
    }

    private HttpResponse file(final String name, final HttpRequest req) {
        final HttpResponse file = files.serve(name, req.headers());
        if (file == null) {
            throw ApiException.of(404, "not_found", "The console has no such file; it begins at " + PAGES + ".");
        }
        return file;
    }

    private HttpResponse events(final HttpRequest req) {
        final Console console = shown().console();
        return req.method() == HttpMethod.HEAD ? console.eventHeaders() : console.events();
    }

    private HttpResponse history(final ServiceRequestContext ctx) {
        final QueryParams query = QueryParams.fromQueryString(ctx.query());
        final List<String> names = query.getAll(METRIC).stream()
                .flatMap(list -> Arrays.stream(list.split(",", -1)))
                .filter(name -> !name.isBlank())
                .toList();
        if (names.size() > MOST_METRICS || names.stream().anyMatch(name -> name.length() > MOST_METRIC_CHARS)) {
            throw ApiException.invalid(
                    METRIC,
                    METRIC + " may name " + MOST_METRICS + " figures of " + MOST_METRIC_CHARS
                            + " characters; one that ends in * stands for all that begin so.");
        }
        return json(Replies.bytes(shown().console().history(names, seconds(query.get(SECONDS)))));
    }

    private static int seconds(final @Nullable String asked) {
        if (asked == null) {
            return Console.HISTORY_SECONDS;
        }
        if (!asked.matches("[1-9][0-9]{0,3}") || Integer.parseInt(asked) > Console.HISTORY_SECONDS) {
            throw ApiException.invalid(
                    SECONDS, SECONDS + " must be a whole number from 1 to " + Console.HISTORY_SECONDS + ".");
        }
        return Integer.parseInt(asked);
    }

    private ObjectNode settings() {
        final ConsoleFacts facts = shown().source().facts();
        final ObjectNode answer = JsonNodeFactory.instance.objectNode();
        facts.about()
                .forEach(fact -> answer.withArray("about")
                        .addObject()
                        .put("name", fact.name())
                        .put("value", fact.value()));
        facts.settings()
                .forEach(setting -> answer.withArray("settings")
                        .addObject()
                        .put("key", setting.key())
                        .put("value", setting.value())
                        .put("origin", setting.origin())
                        .put("isDefault", setting.isDefault()));
        return answer;
    }

    private static HttpResponse json(final byte[] json) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, HttpData.wrap(json));
    }
}
