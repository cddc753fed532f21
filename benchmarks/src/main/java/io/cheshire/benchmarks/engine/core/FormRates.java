package io.cheshire.benchmarks.engine.core;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a form costs and what jumping forward gives back, in rounds in turn: free text of the same lengths, the form
 * token by token, and the form with jumps. The last two gave the same tokens.
 *
 * @param temperature how tokens were drawn
 * @param batch       sequences at once
 * @param free        rounds without a form
 * @param plain       with it, each token drawn by itself
 * @param jumping     with it and with jumps
 */
public record FormRates(double temperature, int batch, List<Run> free, List<Run> plain, List<Run> jumping) {
    private static final double NS_PER_SECOND = 1e9;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * One round.
     *
     * @param tokens  generated
     * @param nanos   from the first submission to the last end
     * @param steps   of the engine
     * @param certain tokens that weren't drawn
     * @param guessed tokens guessed of a text that had to follow
     * @param drawn   of these
     */
    public record Run(long tokens, long nanos, long steps, long certain, long guessed, long drawn) {
        /** Tokens a second. */
        public double rate() {
            return tokens * NS_PER_SECOND / nanos;
        }
    }

    public FormRates {
        free = List.copyOf(free);
        plain = List.copyOf(plain);
        jumping = List.copyOf(jumping);
    }

    private static double[] rates(final List<Run> runs) {
        return runs.stream().mapToDouble(Run::rate).toArray();
    }

    private static double median(final List<Run> runs) {
        return PairedRatio.medianOf(
                runs.stream().mapToDouble(Run::rate).sorted().toArray());
    }

    private static double perStep(final List<Run> runs) {
        return (double) runs.stream().mapToLong(Run::tokens).sum()
                / runs.stream().mapToLong(Run::steps).sum();
    }

    private PairedRatio cost() {
        return PairedRatio.of(rates(plain), rates(free)).orElseThrow();
    }

    private PairedRatio gain() {
        return PairedRatio.of(rates(jumping), rates(plain)).orElseThrow();
    }

    /** Lines for people. */
    public static String table(final List<FormRates> all) {
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%5s %5s %7s %9s %9s %9s %9s %9s %18s %18s",
                "temp",
                "batch",
                "tokens",
                "tok/step",
                "jumping",
                "free t/s",
                "form t/s",
                "jumping",
                "form/free (range)",
                "jumps/form (range)"));
        for (final FormRates each : all) {
            final PairedRatio cost = each.cost();
            final PairedRatio gain = each.gain();
            lines.add(String.format(
                    Locale.ROOT,
                    "%5.1f %5d %7d %9.2f %9.2f %9.1f %9.1f %9.1f   %4.2f (%.2f-%.2f)   %4.2f (%.2f-%.2f)",
                    each.temperature,
                    each.batch,
                    each.plain.getFirst().tokens(),
                    perStep(each.plain),
                    perStep(each.jumping),
                    median(each.free),
                    median(each.plain),
                    median(each.jumping),
                    cost.median(),
                    cost.lowest(),
                    cost.highest(),
                    gain.median(),
                    gain.lowest(),
                    gain.highest()));
        }
        return String.join("\n", lines);
    }

    /** The same as one JSON object. */
    public static String json(final List<FormRates> all) {
        final ObjectNode json = JSON.createObjectNode();
        for (final FormRates each : all) {
            final ObjectNode one = json.withArrayProperty("cases").addObject();
            one.put("temperature", each.temperature).put("batch", each.batch);
            one.put("tokens", each.plain.getFirst().tokens());
            one.put("tokens_per_step", perStep(each.plain));
            one.put("tokens_per_step_jumping", perStep(each.jumping));
            one.put("tokens_per_s_free", median(each.free));
            one.put("tokens_per_s", median(each.plain));
            one.put("tokens_per_s_jumping", median(each.jumping));
            put(one.putObject("form_over_free"), each.cost());
            put(one.putObject("jumping_over_form"), each.gain());
            final Run run = each.jumping.getFirst();
            one.put("certain", run.certain()).put("guessed", run.guessed()).put("drawn", run.drawn());
        }
        return json.toPrettyString();
    }

    private static void put(final ObjectNode json, final PairedRatio ratio) {
        json.put("median", ratio.median()).put("lowest", ratio.lowest()).put("highest", ratio.highest());
    }
}
