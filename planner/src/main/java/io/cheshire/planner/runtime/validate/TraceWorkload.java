package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.ArrivalTrace;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.core.TraceRow;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A slice of a recorded trace: its arrivals stretched to a rate, its lengths all multiplied by one factor, such that
 * nineteen of twenty requests fit into the model's context. The others are cut to what fits, prompts first. What
 * prompts share is left out: every prompt is new, here and in what is predicted.
 *
 * @param name   of the trace
 * @param rows   as recorded
 * @param factor of all lengths
 * @param most   tokens of a request, prompt and answer together
 */
record TraceWorkload(String name, List<TraceRow> rows, double factor, int most) implements LiveWorkload {
    private static final double FITS = 0.95;
    private static final int LEAST_ROWS = 100;

    TraceWorkload {
        rows = List.copyOf(rows);
    }

    /** @param contextTokens of the model */
    static TraceWorkload of(final String name, final List<TraceRow> rows, final int contextTokens) {
        final long[] lengths =
                rows.stream().mapToLong(TraceWorkload::tokens).sorted().toArray();
        final long usual = lengths[(int) (FITS * (lengths.length - 1))];
        return new TraceWorkload(name, rows, Math.min(1, (double) contextTokens / usual), contextTokens);
    }

    /** @throws PlanRefused it isn't a trace that {@code bench serve} reads, or a short one */
    static TraceWorkload read(final String name, final Path file, final int contextTokens) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            final List<TraceRow> rows = ArrivalTrace.read(file.toString(), reader);
            if (rows.size() < LEAST_ROWS) {
                throw new PlanRefused(
                        List.of(file + " has " + rows.size() + " requests; give a trace of at least " + LEAST_ROWS));
            }
            return of(name, rows, contextTokens);
        } catch (final BenchException wrong) {
            throw new PlanRefused(List.of(String.valueOf(wrong.getMessage())));
        }
    }

    private static long tokens(final TraceRow row) {
        return (long) row.shape().inputTokens() + row.shape().outputTokens();
    }

    @Override
    public RequestStream requests(final double perSecond, final int count, final long seed) {
        final int slice = Math.min(count, rows.size() - 1);
        final int first = new SplittableRandom(seed).nextInt(rows.size() - slice);
        final List<RequestShape> shapes = new ArrayList<>();
        final long[] at = new long[slice];
        // The first one comes a gap after the start, as if the trace had gone on before.
        final long originNs = first == 0 ? 0 : rows.get(first - 1).arrivalNs();
        for (int i = 0; i < slice; i++) {
            at[i] = rows.get(first + i).arrivalNs() - originNs;
            shapes.add(scaled(rows.get(first + i).shape()));
        }
        return LiveWorkload.stretched(
                new RequestStream(
                        at,
                        shapes.stream().mapToInt(RequestShape::inputTokens).toArray(),
                        shapes.stream().mapToInt(RequestShape::outputTokens).toArray()),
                perSecond);
    }

    private RequestShape scaled(final RequestShape shape) {
        final int output = Math.clamp(Math.round(shape.outputTokens() * factor), 1, most / 2);
        final int input = Math.clamp(Math.round(shape.inputTokens() * factor), 1, most - output);
        return RequestShape.of(input, output);
    }

    @Override
    public String words() {
        return String.format(Locale.ROOT, "%s, lengths x %.3g and at most %d", name, factor, most);
    }

    @Override
    public String key() {
        return name.replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT);
    }
}
