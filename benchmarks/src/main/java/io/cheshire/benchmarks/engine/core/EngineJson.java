package io.cheshire.benchmarks.engine.core;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** A report for machines: one JSON object; times in ns, rates per second, sizes in bytes. */
public final class EngineJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private EngineJson() {}

    /** The report, every round of it. */
    public static String write(final EngineReport report) {
        final ObjectNode json = JSON.createObjectNode();
        final ObjectNode settings = json.putObject("settings");
        report.settings().forEach(settings::put);
        json.put("memory_bytes_per_s", report.memoryBytesPerSecond());
        final ArrayNode cases = json.putArray("cases");
        report.cases().forEach(ofCase -> ofCase(cases.addObject(), report, ofCase));
        footprint(json.putObject("memory"), report.footprint());
        return json.toPrettyString();
    }

    private static void ofCase(final ObjectNode json, final EngineReport report, final EngineCase ofCase) {
        json.put("prompt_tokens", ofCase.promptTokens());
        json.put("generated_tokens", ofCase.generatedTokens());
        json.put("batch", ofCase.batch());
        report.ratio(ofCase, Round::prefillTokensPerSecond)
                .ifPresent(ratio -> ratio(json, "transport_prefill_ratio", ratio));
        report.ratio(ofCase, Round::decodeTokensPerSecond)
                .ifPresent(ratio -> ratio(json, "transport_decode_ratio", ratio));
        for (final Mode mode : report.modes()) {
            final ObjectNode inMode = json.putObject(mode.key());
            figure(inMode, "prefill_tokens_per_s", report.median(ofCase, mode, Round::prefillTokensPerSecond));
            figure(inMode, "decode_tokens_per_s", report.median(ofCase, mode, Round::decodeTokensPerSecond));
            figure(
                    inMode,
                    "memory_bound_share",
                    report.median(ofCase, mode, round -> report.bound(round).share()));
            figure(inMode, "heap_bytes_per_token", report.median(ofCase, mode, Round::allocatedPerToken));
            final ArrayNode rounds = inMode.putArray("rounds");
            report.rounds(ofCase, mode).forEach(round -> round(rounds.addObject(), report, round));
        }
    }

    private static void ratio(final ObjectNode json, final String name, final PairedRatio ratio) {
        json.put(name, ratio.median());
        json.put(name + "_lowest", ratio.lowest());
        json.put(name + "_highest", ratio.highest());
        json.put(name + "_pairs", ratio.pairs());
    }

    private static void round(final ObjectNode json, final EngineReport report, final Round round) {
        figure(json, "prefill_tokens_per_s", round.prefillTokensPerSecond());
        json.put("ttft_ns", (long) round.slowestFirstTokenNs());
        figure(json, "decode_tokens_per_s", round.decodeTokensPerSecond());
        json.put("decode_tokens", round.decodeTokens());
        json.put("decode_ns", round.decodeNs());
        figure(json, "heap_bytes_per_token", round.allocatedPerToken());
        final MemoryBound bound = report.bound(round);
        final ObjectNode step = json.putObject("decode_step");
        step.put("unit_bytes", bound.unitBytes());
        step.put("router_bytes", bound.routerBytes());
        step.put("kv_bytes", bound.kvBytes());
        step.put("steps_per_s", bound.stepsPerSecond());
        step.put("memory_bound_share", bound.share());
        interval(json.putObject("prefill"), round.prefill());
        interval(json.putObject("decode"), round.decode());
        final ObjectNode lanes = json.putObject("decode_lanes_ns");
        round.laneNs().forEach(lanes::put);
    }

    private static void interval(final ObjectNode json, final Interval interval) {
        final ObjectNode counts = json.putObject("counts");
        for (final Tally tally : Tally.values()) {
            counts.put(tally.name().toLowerCase(Locale.ROOT), interval.count(tally));
        }
        final ArrayNode threads = json.putArray("threads");
        for (final Split split : interval.splits()) {
            final ObjectNode thread = threads.addObject();
            thread.put("thread", split.thread());
            thread.put("wall_ns", split.wallNs());
            final ObjectNode spent = thread.putObject("spent_ns");
            for (final Activity activity : Activity.values()) {
                spent.put(activity.key(), split.nanos(activity));
            }
        }
    }

    private static void footprint(final ObjectNode json, final EngineReport.Footprint memory) {
        json.put("unit_bytes", memory.unitBytes());
        json.put("router_bytes", memory.routerBytes());
        json.put("kv_bytes", memory.kvBytes());
        for (final Map.Entry<String, Long> entry : memory.process().entrySet()) {
            json.put(entry.getKey(), entry.getValue());
        }
    }

    /** JSON has no NaN: what was not measured is null. */
    private static void figure(final ObjectNode json, final String name, final double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.putNull(name);
        }
    }
}
