package io.cheshire.benchmarks.serve;

import io.cheshire.benchmarks.serve.core.ArrivalTrace;
import io.cheshire.benchmarks.serve.core.Arrivals;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.Cohort;
import io.cheshire.benchmarks.serve.core.GapLaw;
import io.cheshire.benchmarks.serve.core.LoadPlan;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.core.TraceRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what load to make. Their combination decides the kind of run: see {@link #plan}. */
final class LoadOptions {
    private static final double DEFAULT_SECONDS = 30;

    /** How arrivals are spaced at a given rate. */
    enum Spacing {
        poisson,
        constant,
        gamma,
        weibull
    }

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "closed loop: N clients, each sends when its last answer is complete (default 1 where neither"
                    + " --rate nor --trace is given)")
    int clients;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "open loop: R requests per second, sent whether or not answers come")
    double rate;

    @Option(
            names = "--arrival",
            paramLabel = "KIND",
            defaultValue = "poisson",
            description = "spacing at --rate: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE})")
    Spacing arrival = Spacing.poisson;

    @Option(
            names = "--cv",
            paramLabel = "X",
            defaultValue = "2",
            description = "coefficient of variation of gamma and weibull gaps; 1 is poisson, more comes in bursts"
                    + " (default ${DEFAULT-VALUE})")
    double cv = 2;

    @Option(
            names = "--cohort",
            paramLabel = "SPEC",
            description = "clients of one kind, several times: share=0.7,input=512,output=128,arrival=gamma,cv=2;"
                    + " --rate is that of all together")
    List<String> cohorts = List.of();

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "lengths and shared prefixes from a trace: Azure CSV, BurstGPT CSV, Mooncake JSONL or a"
                            + " --request-file; its arrival times too,"
                            + " unless --clients or --rate is given")
    @Nullable
    Path trace;

    @Option(
            names = "--speed",
            paramLabel = "X",
            defaultValue = "1",
            description = "replay the trace's clock X times as fast (default ${DEFAULT-VALUE})")
    double speed = 1;

    @Option(
            names = "--length-scale",
            paramLabel = "X",
            defaultValue = "1",
            description = "multiply the trace's lengths by X (default ${DEFAULT-VALUE})")
    double lengthScale = 1;

    @Option(names = "--max-input", paramLabel = "N", description = "cap the trace's prompts at N tokens")
    int maxInput = Integer.MAX_VALUE;

    @Option(names = "--max-output", paramLabel = "N", description = "cap the trace's outputs at N tokens")
    int maxOutput = Integer.MAX_VALUE;

    @Option(
            names = "--input-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "prompt length without a trace (default ${DEFAULT-VALUE})")
    int inputTokens = 128;

    @Option(
            names = "--output-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "output length without a trace, kept by ignore_eos and max_tokens (default ${DEFAULT-VALUE})")
    int outputTokens = 64;

    @Option(
            names = "--shared-prefix",
            paramLabel = "N",
            defaultValue = "0",
            description = "without a trace: the first N tokens are the same in all prompts (default ${DEFAULT-VALUE})")
    int sharedPrefix;

    @Option(names = "--requests", paramLabel = "N", description = "end after N requests")
    int requests;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "send nothing after this time (default 30 where neither --requests nor --trace is given)")
    double durationSeconds;

    @Option(
            names = "--hang-up",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "share of the clients that leave midway, 0 to 1 (default ${DEFAULT-VALUE})")
    double hangUp;

    @Option(
            names = "--max-in-flight",
            paramLabel = "N",
            defaultValue = "4096",
            description = "open loop: at most N requests open; more are sent late and the delay counts (default"
                    + " ${DEFAULT-VALUE})")
    int maxInFlight = 4096;

    /** Whether requests have planned times. */
    boolean openLoop() {
        return clients == 0 && (rate > 0 || trace != null);
    }

    /** Clients of a closed loop. */
    int clientCount() {
        return Math.max(1, clients);
    }

    /**
     * The requests of the run.
     *
     * @throws BenchException when options contradict each other or are out of range
     */
    LoadPlan plan(final long seed) throws IOException {
        check();
        if (!cohorts.isEmpty()) {
            return ofCohorts(seed);
        }
        final List<TraceRow> rows = trace == null ? List.of() : readTrace(trace);
        final List<RequestShape> shapes = rows.isEmpty()
                ? List.of(fixedShape())
                : rows.stream().map(this::scaled).toList();
        final boolean replay = openLoop() && rate == 0;
        final boolean bounded = requests > 0 || trace != null;
        final int most = requests > 0 ? requests : trace != null ? rows.size() : Integer.MAX_VALUE;
        final double seconds = durationSeconds > 0 ? durationSeconds : bounded ? 1e9 : DEFAULT_SECONDS;
        final LoadPlan.Limits limits =
                new LoadPlan.Limits(replay ? Math.min(most, rows.size()) : most, Math.round(seconds * 1e9));
        return new LoadPlan(arrivals(rows), shapes, limits, hangUp, seed);
    }

    private LoadPlan ofCohorts(final long seed) {
        final double seconds = durationSeconds > 0 ? durationSeconds : DEFAULT_SECONDS;
        final List<TraceRow> rows =
                Cohort.arrivals(cohorts.stream().map(Cohort::parse).toList(), rate, seconds, seed);
        if (rows.isEmpty()) {
            throw new BenchException("no request arrives within " + seconds + " s at --rate " + rate);
        }
        final int most = requests > 0 ? Math.min(requests, rows.size()) : rows.size();
        return new LoadPlan(
                new Arrivals.Replay(rows, 1),
                rows.stream().map(TraceRow::shape).toList(),
                new LoadPlan.Limits(most, Math.round(seconds * 1e9)),
                hangUp,
                seed);
    }

    /** What repeats this load, by the options' names. */
    Map<String, String> settings() {
        final Map<String, String> settings = new LinkedHashMap<>();
        if (!openLoop()) {
            settings.put("clients", Integer.toString(clientCount()));
        } else if (rate > 0) {
            settings.put("rate", Double.toString(rate));
            settings.put("arrival", arrival.name());
            if (arrival == Spacing.gamma || arrival == Spacing.weibull) {
                settings.put("cv", Double.toString(cv));
            }
        } else {
            settings.put("speed", Double.toString(speed));
        }
        if (!cohorts.isEmpty()) {
            settings.put("cohorts", String.join("; ", cohorts));
        } else if (trace != null) {
            settings.put("trace", trace.toString());
            settings.put("length-scale", Double.toString(lengthScale));
            cap(settings, "max-input", maxInput);
            cap(settings, "max-output", maxOutput);
        } else {
            settings.put("input-tokens", Integer.toString(inputTokens));
            settings.put("output-tokens", Integer.toString(outputTokens));
            settings.put("shared-prefix", Integer.toString(sharedPrefix));
        }
        settings.put("requests", Integer.toString(requests));
        settings.put("duration", Double.toString(durationSeconds));
        settings.put("hang-up", Double.toString(hangUp));
        return settings;
    }

    private static void cap(final Map<String, String> settings, final String name, final int tokens) {
        if (tokens < Integer.MAX_VALUE) {
            settings.put(name, Integer.toString(tokens));
        }
    }

    private Arrivals arrivals(final List<TraceRow> rows) {
        if (!openLoop()) {
            return new Arrivals.ClosedLoop(clientCount());
        }
        if (rate == 0) {
            return new Arrivals.Replay(rows, speed);
        }
        return switch (arrival) {
            case poisson -> new Arrivals.Poisson(rate);
            case constant -> new Arrivals.Constant(rate);
            case gamma -> new Arrivals.Renewal(GapLaw.of(GapLaw.Kind.GAMMA, rate, cv));
            case weibull -> new Arrivals.Renewal(GapLaw.of(GapLaw.Kind.WEIBULL, rate, cv));
        };
    }

    private RequestShape fixedShape() {
        final int shared = Math.min(sharedPrefix, inputTokens);
        return shared == 0
                ? RequestShape.of(inputTokens, outputTokens)
                : new RequestShape(inputTokens, outputTokens, shared, List.of(0L));
    }

    private RequestShape scaled(final TraceRow row) {
        return row.shape().scaled(lengthScale, maxInput, maxOutput);
    }

    private static List<TraceRow> readTrace(final Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new BenchException("--trace " + file + " is no readable file");
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            final List<TraceRow> rows = ArrivalTrace.read(file.toString(), reader);
            if (rows.isEmpty()) {
                throw new BenchException("--trace " + file + " has a header and no rows");
            }
            return rows;
        }
    }

    private void check() {
        final List<String> problems = new ArrayList<>();
        problem(problems, clients > 0 && rate > 0, "--clients and --rate exclude each other: closed or open loop");
        problem(
                problems,
                !(cv >= GapLaw.LEAST_CV && cv <= GapLaw.MOST_CV),
                "--cv " + cv + " is not between " + GapLaw.LEAST_CV + " and " + GapLaw.MOST_CV);
        problem(
                problems,
                !cohorts.isEmpty() && (rate == 0 || trace != null),
                "--cohort needs --rate, the requests a second of all cohorts together, and no --trace");
        problem(problems, clients < 0, "--clients " + clients + " is negative");
        problem(problems, !(rate >= 0 && rate <= 1e6), "--rate " + rate + " is not between 0 and 1000000");
        problem(problems, !(speed > 0), "--speed " + speed + " must be above 0");
        problem(problems, !(lengthScale > 0), "--length-scale " + lengthScale + " must be above 0");
        problem(problems, !(hangUp >= 0 && hangUp <= 1), "--hang-up " + hangUp + " is not between 0 and 1");
        problem(
                problems,
                maxInput < 1 || inputTokens < 1,
                "prompts need at least 1 token (--input-tokens, --max-input)");
        problem(
                problems,
                maxOutput < 1 || outputTokens < 1,
                "outputs need at least 1 token (--output-tokens, --max-output)");
        problem(problems, sharedPrefix < 0, "--shared-prefix " + sharedPrefix + " is negative");
        problem(problems, requests < 0 || !(durationSeconds >= 0), "--requests and --duration must not be negative");
        problem(problems, maxInFlight < 1, "--max-in-flight " + maxInFlight + " must be at least 1");
        if (!problems.isEmpty()) {
            throw new BenchException(String.join("\n", problems));
        }
    }

    private static void problem(final List<String> problems, final boolean present, final String words) {
        if (present) {
            problems.add(words);
        }
    }
}
