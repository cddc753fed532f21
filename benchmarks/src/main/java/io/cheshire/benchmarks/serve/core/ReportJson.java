package io.cheshire.benchmarks.serve.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;

/** A report for machines: one JSON object; times in ms, rates per second. */
public final class ReportJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ReportJson() {}

    /**
     * Writes a report.
     *
     * @param settings what repeats the run, by name
     */
    public static String write(final Map<String, String> settings, final BenchReport report) {
        final StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            strings(json, "settings", settings);
            json.writeNumberField("wall_s", report.wallSeconds());
            requests(json, report);
            tokens(json, report);
            latencies(json, report);
            goodput(json, report);
            json.writeEndObject();
        } catch (final IOException impossible) {
            throw new UncheckedIOException("a StringWriter doesn't fail", impossible);
        }
        return out.toString();
    }

    /** Writes a sweep. */
    public static String write(final Map<String, String> settings, final Sweep sweep) {
        final StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            strings(json, "settings", settings);
            json.writeNumberField("knee_per_s", sweep.knee());
            json.writeArrayFieldStart("rates");
            for (final Sweep.Step step : sweep.steps()) {
                json.writeStartObject();
                json.writeNumberField("rate", step.rate());
                json.writeStringField("verdict", sweep.state(step).name());
                json.writeNumberField("good_share", step.goodShare());
                json.writeNumberField("answered_per_s", step.answered());
                json.writeNumberField("ttft_p90_ms", step.ttftP90Ms());
                json.writeNumberField("itl_p99_ms", step.itlP99Ms());
                json.writeNumberField("out_tokens_per_s", step.outputRate());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (final IOException impossible) {
            throw new UncheckedIOException("a StringWriter doesn't fail", impossible);
        }
        return out.toString();
    }

    private static void requests(final JsonGenerator json, final BenchReport report) throws IOException {
        json.writeObjectFieldStart("requests");
        json.writeNumberField("total", report.requests());
        for (final Outcome outcome : Outcome.values()) {
            json.writeNumberField(
                    outcome.name().toLowerCase(Locale.ROOT), report.outcomes().getOrDefault(outcome, 0L));
        }
        json.writeNumberField("short_answers", report.shortAnswers());
        json.writeNumberField("most_in_flight", report.mostInFlight());
        json.writeNumberField("answered_per_s", report.answeredPerSecond());
        json.writeEndObject();
        json.writeObjectFieldStart("ends_by_kind");
        for (final Map.Entry<String, Long> kind : report.kinds().entrySet()) {
            json.writeNumberField(kind.getKey(), kind.getValue());
        }
        json.writeEndObject();
        strings(json, "example_messages", report.messages());
    }

    private static void tokens(final JsonGenerator json, final BenchReport report) throws IOException {
        json.writeObjectFieldStart("tokens");
        json.writeNumberField("in", report.inputTokens());
        json.writeNumberField("out", report.outputTokens());
        json.writeNumberField("in_per_s", report.inputTokensPerSecond());
        json.writeNumberField("out_per_s", report.outputTokensPerSecond());
        json.writeEndObject();
    }

    private static void latencies(final JsonGenerator json, final BenchReport report) throws IOException {
        json.writeObjectFieldStart("latency_ms");
        for (final Map.Entry<String, LatencySummary> latency :
                report.latencies().entrySet()) {
            json.writeObjectFieldStart(latency.getKey());
            json.writeNumberField("count", latency.getValue().count());
            for (final Map.Entry<String, Double> figure :
                    latency.getValue().figures().entrySet()) {
                json.writeNumberField(figure.getKey(), figure.getValue());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeStringField("correction", report.correction());
    }

    private static void goodput(final JsonGenerator json, final BenchReport report) throws IOException {
        json.writeObjectFieldStart("goodput");
        limit(json, "slo_ttft_ms", report.slo().ttftMs());
        limit(json, "slo_tpot_ms", report.slo().tpotMs());
        json.writeNumberField("requests", report.withinSlo());
        json.writeNumberField("judged", report.judged());
        json.writeNumberField("share", report.goodShare());
        json.writeNumberField("requests_per_s", report.goodRequestsPerSecond());
        json.writeNumberField("out_tokens_per_s", report.goodTokensPerSecond());
        json.writeEndObject();
    }

    /** JSON has no infinity: nothing promised is null. */
    private static void limit(final JsonGenerator json, final String name, final double ms) throws IOException {
        if (Double.isInfinite(ms)) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, ms);
        }
    }

    private static void strings(final JsonGenerator json, final String name, final Map<String, String> values)
            throws IOException {
        json.writeObjectFieldStart(name);
        for (final Map.Entry<String, String> value : values.entrySet()) {
            json.writeStringField(value.getKey(), value.getValue());
        }
        json.writeEndObject();
    }
}
