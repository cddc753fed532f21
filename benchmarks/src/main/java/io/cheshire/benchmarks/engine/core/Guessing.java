package io.cheshire.benchmarks.engine.core;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What guessing tokens did to one text, in rounds without and with guesses in turn; both gave the same tokens.
 *
 * @param text        which
 * @param temperature how its tokens were drawn
 * @param batch       sequences at once
 * @param without     rounds that guessed nothing
 * @param with        as many that guessed
 */
public record Guessing(String text, double temperature, int batch, List<Run> without, List<Run> with) {
    private static final double NS_PER_SECOND = 1e9;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * One round.
     *
     * @param tokens   generated, the first of each sequence not counted
     * @param nanos    they took
     * @param steps    of the engine
     * @param drafted  tokens guessed
     * @param accepted of them drawn
     * @param units    that only guessed rows chose
     */
    public record Run(long tokens, long nanos, long steps, long drafted, long accepted, long units) {
        /** Tokens a second. */
        public double rate() {
            return tokens * NS_PER_SECOND / nanos;
        }
    }

    public Guessing {
        without = List.copyOf(without);
        with = List.copyOf(with);
    }

    /** Rates with guesses over rates without. */
    public Optional<PairedRatio> ratio() {
        return PairedRatio.of(
                with.stream().mapToDouble(Run::rate).toArray(),
                without.stream().mapToDouble(Run::rate).toArray());
    }

    /** Of all rounds together; rates are medians. */
    private record Figures(
            double tokensPerStepWithout,
            double tokensPerStep,
            double draftedPerToken,
            double acceptedOfDrafted,
            double rateWithout,
            double rate) {}

    private Figures figures() {
        final double tokens = with.stream().mapToLong(Run::tokens).sum();
        final double drafted = with.stream().mapToLong(Run::drafted).sum();
        final double accepted = with.stream().mapToLong(Run::accepted).sum();
        return new Figures(
                tokens / without.stream().mapToLong(Run::steps).sum(),
                tokens / with.stream().mapToLong(Run::steps).sum(),
                drafted / tokens,
                drafted == 0 ? 0 : accepted / drafted,
                median(without),
                median(with));
    }

    private static double median(final List<Run> runs) {
        return PairedRatio.medianOf(
                runs.stream().mapToDouble(Run::rate).sorted().toArray());
    }

    /** Lines for people. */
    public static String table(final List<Guessing> all) {
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-12s %5s %5s %11s %11s %8s %9s %9s %7s %15s",
                "text",
                "temp",
                "batch",
                "tok/step",
                "with",
                "drafted",
                "accepted",
                "tok/s",
                "with",
                "ratio (range)"));
        for (final Guessing each : all) {
            final Figures of = each.figures();
            final PairedRatio ratio = each.ratio().orElseThrow();
            lines.add(String.format(
                    Locale.ROOT,
                    "%-12s %5.1f %5d %11.2f %11.2f %7.0f%% %8.0f%% %9.1f %7.1f %5.2f (%.2f-%.2f)",
                    each.text,
                    each.temperature,
                    each.batch,
                    of.tokensPerStepWithout,
                    of.tokensPerStep,
                    100 * of.draftedPerToken,
                    100 * of.acceptedOfDrafted,
                    of.rateWithout,
                    of.rate,
                    ratio.median(),
                    ratio.lowest(),
                    ratio.highest()));
        }
        return String.join("\n", lines);
    }

    /** The same as one JSON object. */
    public static String json(final List<Guessing> all) {
        final ObjectNode json = JSON.createObjectNode();
        for (final Guessing each : all) {
            final ObjectNode text = json.withArrayProperty("texts").addObject();
            text.put("text", each.text).put("temperature", each.temperature).put("batch", each.batch);
            final Figures of = each.figures();
            text.put("tokens_per_step_without", of.tokensPerStepWithout);
            text.put("tokens_per_step", of.tokensPerStep);
            text.put("drafted_per_token", of.draftedPerToken);
            text.put("accepted_of_drafted", of.acceptedOfDrafted);
            text.put("tokens_per_s_without", of.rateWithout);
            text.put("tokens_per_s", of.rate);
            final PairedRatio ratio = each.ratio().orElseThrow();
            text.put("ratio", ratio.median());
            text.put("ratio_lowest", ratio.lowest());
            text.put("ratio_highest", ratio.highest());
            text.put("pairs", ratio.pairs());
            text.put("extra_units", each.with.stream().mapToLong(Run::units).sum());
        }
        return json.toPrettyString();
    }
}
