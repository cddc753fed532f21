package io.cheshire.model.core.checkpoint;

import io.cheshire.model.core.checkpoint.CheckpointReport.Fit;
import io.cheshire.model.core.checkpoint.CheckpointReport.Weights;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import io.cheshire.model.protocol.ScoreHead;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words a {@link CheckpointReport}. */
final class ReportText {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private ReportText() {}

    static void addModel(
            final List<String> lines, final @Nullable ModelConfig config, final @Nullable ParameterCounts counts) {
        if (config == null || counts == null) {
            return;
        }
        lines.add(line(
                "model",
                "%s, %d layers, hidden %d, vocabulary %,d",
                config.modelType(),
                config.layerCount(),
                config.hiddenSize(),
                config.vocabSize()));
        final ScoreHead head = config.scoreHead();
        if (head != null) {
            lines.add(line(
                    "head",
                    "%d %s, %s, in fp32: serves /classify, /score and /pooling, and generates nothing",
                    head.labelCount(),
                    head.labelCount() == 1 ? "label" : "labels",
                    head.activation().name().toLowerCase(Locale.ROOT)));
        }
        lines.add(line(
                "experts",
                "%d per layer of width %d, %d per token, gate %s",
                config.expertCount(),
                config.ffnSize(),
                config.expertsPerToken(),
                config.gateKind()));
        lines.add(line(
                "attention",
                "%d heads of %d, %d key/value heads, %s",
                config.headCount(),
                config.headDim(),
                config.kvHeadCount(),
                config.slidingWindow() == null
                        ? "full"
                        : "sliding window of " + (config.slidingWindow() + 1) + " tokens"));
        lines.add(line("context", "%,d tokens, %s", config.maxPositionEmbeddings(), rope(config.ropeScaling())));
        lines.add(line(
                "parameters",
                "%,d in all, %,d active per token, %,d per unit",
                counts.total(),
                counts.active(),
                counts.unit()));
        lines.add(line("", "%,d in experts, %,d in the router part", counts.experts(), counts.router()));
    }

    static void addWeights(
            final List<String> lines,
            final @Nullable Weights weights,
            final @Nullable ModelConfig config,
            final @Nullable Fit fit) {
        if (weights == null || config == null || fit == null) {
            return;
        }
        lines.add(line(
                "weights",
                "%s in %,d tensors, %s, %s layout",
                bytes(weights.totalBytes()),
                weights.tensorCount(),
                String.join(" and ", weights.dtypes()),
                weights.layout().name().toLowerCase(Locale.ROOT)));
        lines.add(line(
                "",
                "experts %s, router part %s, one unit %s, one expert in all layers %s",
                bytes(weights.expertsBytes()),
                bytes(weights.routerBytes()),
                bytes(weights.unitBytes()),
                bytes(weights.expertBytes())));
        lines.add(line(
                "KV cache",
                "%s per token in bf16, %s for the longest sequence",
                bytes(weights.kvBytesPerToken()),
                bytes(weights.kvBytesPerToken() * config.maxPositionEmbeddings())));
        lines.add(line(
                "on " + fit.nodeCount() + " nodes",
                "%s each, at most %s; each router %s and its KV cache",
                experts(fit),
                bytes(fit.maxNodeBytes()),
                bytes(fit.routerBytes())));
    }

    static void addNeeds(final List<String> lines, final List<PrecisionNeeds> needs) {
        for (final PrecisionNeeds each : needs) {
            final String nodes = each.nodes().stream()
                    .map(node -> bytes(node.bytes()) + " on " + node.nodeCount())
                    .collect(Collectors.joining(", "));
            lines.add(line(
                    "in " + each.precision(),
                    "experts %s nodes each; each router %s; one unit %s",
                    nodes,
                    bytes(each.routerBytes()),
                    bytes(each.unitBytes())));
        }
    }

    static void addGpuNeeds(final List<String> lines, final List<GpuNeeds> needs) {
        for (final GpuNeeds each : needs) {
            final String nodes = each.nodes().stream()
                    .map(node -> bytes(node.bytes()) + " on " + node.nodeCount())
                    .collect(Collectors.joining(", "));
            lines.add(line(
                    "GPU, " + each.precision(),
                    "device %s nodes each; one unit %s; of it rows %s, loading %s; host, pinned %s",
                    nodes,
                    bytes(each.unitBytes()),
                    bytes(each.rowsBytes()),
                    bytes(each.loadBytes()),
                    bytes(each.hostBytes())));
        }
    }

    private static String rope(final @Nullable RopeScaling scaling) {
        return scaling == null
                ? "plain RoPE"
                : "LongRoPE, long table beyond " + scaling.originalMaxPositionEmbeddings() + " tokens";
    }

    private static String experts(final Fit fit) {
        final String count = fit.minExperts() == fit.maxExperts()
                ? Integer.toString(fit.maxExperts())
                : fit.minExperts() + " to " + fit.maxExperts();
        return count + (fit.maxExperts() == 1 ? " expert" : " experts");
    }

    /** Exact bytes below 10 KiB, else binary units with two decimals. */
    static String bytes(final long count) {
        if (count < 10 << 10) {
            return String.format(Locale.ROOT, "%,d B", count);
        }
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f %s", value, UNITS[unit]);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation is Error Prone's, which is no dependency at run time
    private static String line(final String label, final String format, final Object... arguments) {
        return String.format(Locale.ROOT, "  %-12s ", label) + String.format(Locale.ROOT, format, arguments);
    }
}
