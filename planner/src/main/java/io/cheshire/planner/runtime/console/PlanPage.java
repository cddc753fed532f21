package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.runtime.console.PlanAsk;
import io.cheshire.http.runtime.console.PlanDesk;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import io.cheshire.http.runtime.console.PlanDeskSite;
import io.cheshire.planner.core.failure.FailurePresets;
import io.cheshire.planner.core.report.AccuracyTables;
import io.cheshire.planner.core.report.AnswerJson;
import io.cheshire.planner.core.report.Answers;
import io.cheshire.planner.core.report.EmitTarget;
import io.cheshire.planner.core.report.EmittedFleet;
import io.cheshire.planner.core.report.PlanAnswer;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.FleetSearch;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.core.workload.WorkloadPreset;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A planner for one router's console: each question is a plan of its own, over the plan in force or the defaults. */
final class PlanPage implements PlanDesk {
    /** As the command line's. */
    private static final long SEED = 1;

    private static final int MOST_FLEETS = 256;
    private static final Duration SEARCH_LIMIT = Duration.ofSeconds(8);

    private final @Nullable Path file;
    private final Map<String, Object> defaults;
    private final CapacityPlan inForce;
    private final PageStations stations = new PageStations(SEED);
    private final UploadedTraces traces = new UploadedTraces();
    private final PageSimulation simulation = new PageSimulation();
    private final @Nullable PlanActual actual;

    private PlanPage(final PlanDeskSite site, final Map<String, Object> defaults, final CapacityPlan inForce) {
        this.file = site.plan();
        this.defaults = defaults;
        this.inForce = inForce;
        this.actual = file == null
                ? null
                : PlanActual.start(
                        String.valueOf(file.getFileName()),
                        PlanWatch.ofOneRouter(inForce, site.window(), SEED),
                        site.every(),
                        site.registry());
    }

    static PlanPage open(final PlanDeskSite site) {
        try {
            final Map<String, Object> defaults = defaults(site);
            return new PlanPage(site, defaults, PlanReader.read(site.plan(), defaults, SEED));
        } catch (final PlanRefused refused) {
            throw new PlanDeskRefused(String.valueOf(refused.getMessage()));
        }
    }

    /** Without a plan it is about what is served here, with requests that fit it. */
    private static Map<String, Object> defaults(final PlanDeskSite site) {
        if (site.plan() != null) {
            return Map.of();
        }
        final Map<String, Object> served = new LinkedHashMap<>(
                Map.of("model", site.model().toString(), "fleet.node-class", "cpu", "fleet.router-class", "cpu"));
        final Map<String, Object> least = new LinkedHashMap<>(served);
        least.putAll(Map.of("workload.prompt", 1, "workload.output", 1));
        final int longest = PlanReader.read(null, least, SEED).model().contextLimit();
        if (WorkloadPreset.CHAT.lengths().longest() > longest) {
            served.put("workload.prompt", Math.max(1, longest / 4));
            served.put("workload.output", Math.max(1, longest / 8));
        }
        return served;
    }

    @Override
    public JsonNode catalogue() {
        final ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("available", true).put("inForce", file == null ? null : String.valueOf(file.getFileName()));
        root.put("model", inForce.model().name());
        root.put("contextTokens", inForce.model().contextLimit());
        for (final WorkloadPreset each : WorkloadPreset.values()) {
            root.withArray("/presets")
                    .addObject()
                    .put("name", each.name().toLowerCase(Locale.ROOT))
                    .put("prompt", each.lengths().meanPrompt())
                    .put("output", each.lengths().meanOutput());
        }
        for (final FailurePresets each : FailurePresets.values()) {
            root.withArray("/failures").add(each.id());
        }
        for (final EmitTarget each : EmitTarget.values()) {
            root.withArray("/targets").add(each.id());
        }
        root.set("classes", AccuracyTables.choices(inForce));
        root.set("form", PlanForm.shown(inForce));
        root.set("traces", traces.shown());
        root.put("mostFleets", MOST_FLEETS);
        return root;
    }

    @Override
    public JsonNode screen(final PlanAsk ask) {
        return AnswerJson.tree(one(ask));
    }

    @Override
    public JsonNode search(final PlanAsk ask) {
        return refusing(() -> {
            final CapacityPlan plan = plan(ask);
            if (plan.fleet().count() > MOST_FLEETS) {
                throw new PlanDeskRefused(plan.fleet().count() + " combinations are more than the " + MOST_FLEETS
                        + " that are computed here; shorten a list, or run ./cheshire plan search");
            }
            final Answers answers = new Answers(plan, SEED, PlanForm.words(ask), stations.of(plan));
            final long beganNs = System.nanoTime();
            final List<Candidate> judged = new ArrayList<>();
            for (final FleetShape fleet : FleetSearch.fleets(plan.fleet())) {
                if (System.nanoTime() - beganNs > SEARCH_LIMIT.toNanos()) {
                    throw new PlanDeskRefused(
                            judged.size() + " of " + plan.fleet().count() + " combinations took "
                                    + SEARCH_LIMIT.toSeconds() + " s; shorten a list, or run ./cheshire plan search");
                }
                judged.add(answers.search().judge(fleet));
            }
            return AnswerJson.tree(answers.of(judged, true));
        });
    }

    @Override
    public JsonNode trace(final String name, final String text) {
        return traces.add(name, text);
    }

    @Override
    public JsonNode simulate(final PlanAsk ask) {
        return refusing(() -> simulation.run(plan(ask), SEED));
    }

    @Override
    public String emit(final PlanAsk ask, final String target) {
        final EmitTarget as = Arrays.stream(EmitTarget.values())
                .filter(each -> each.id().equals(target))
                .findFirst()
                .orElseThrow(() ->
                        new PlanDeskRefused("target is " + target + "; it must be helm, hocon or" + " local-cluster"));
        final PlanAnswer answer = one(ask);
        if (!answer.chosen().keeps()) {
            throw new PlanDeskRefused("This fleet doesn't do, so nothing is written: "
                    + String.join("; ", answer.chosen().misses()));
        }
        return new EmittedFleet(answer).as(as);
    }

    @Override
    public JsonNode actual() {
        return actual == null ? JsonNodeFactory.instance.objectNode().put("inForce", false) : actual.shown();
    }

    @Override
    public void close() {
        if (actual != null) {
            actual.close();
        }
    }

    private PlanAnswer one(final PlanAsk ask) {
        return refusing(() -> {
            final CapacityPlan plan = plan(ask);
            final Answers answers = new Answers(plan, SEED, PlanForm.words(ask), stations.of(plan));
            return answers.of(List.of(answers.search().judge(plan.fleet().first())), false);
        });
    }

    private CapacityPlan plan(final PlanAsk ask) {
        final Map<String, Object> flags = new LinkedHashMap<>(defaults);
        flags.putAll(PlanForm.flags(ask));
        final String trace = ask.words().get(PlanForm.TRACE);
        return PlanReader.read(file, flags, SEED, trace == null ? Map.of() : Map.of(trace, traces.get(trace)));
    }

    private static <T> T refusing(final Supplier<T> answer) {
        try {
            return answer.get();
        } catch (final PlanRefused | IllegalArgumentException refused) {
            throw new PlanDeskRefused(String.valueOf(refused.getMessage()));
        }
    }
}
