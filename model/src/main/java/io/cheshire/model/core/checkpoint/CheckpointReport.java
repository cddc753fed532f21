package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code inspect} tells about a model directory, good or bad. Every component is plain data, so Jackson writes it
 * as it is.
 *
 * @param directory where it lies
 * @param config    what {@code config.json} says; null if that was refused
 * @param counts    parameters; null without a config
 * @param weights   the weights; null if no safetensors file could be read
 * @param problems  everything that keeps it from being served; empty if nothing does
 */
public record CheckpointReport(
        String directory,
        @Nullable ModelConfig config,
        @Nullable ParameterCounts counts,
        @Nullable Weights weights,
        List<String> problems) {
    /**
     * The weights as stored.
     *
     * @param layout        how the experts are named
     * @param dtypes        formats in use
     * @param tensorCount   tensors
     * @param totalBytes    bytes of all tensors
     * @param expertsBytes  of all units
     * @param routerBytes   of everything else: what each router holds
     * @param unitBytes     of one unit, on average
     * @param expertBytes   of one expert number over all layers, on average
     * @param kvBytesPerToken keys and values of one position over all layers, in bf16
     */
    public record Weights(
            CheckpointLayout layout,
            List<String> dtypes,
            int tensorCount,
            long totalBytes,
            long expertsBytes,
            long routerBytes,
            long unitBytes,
            long expertBytes,
            long kvBytesPerToken) {
        public Weights {
            dtypes = List.copyOf(dtypes);
        }
    }

    /**
     * How the model lies on {@code nodeCount} expert nodes in the placement every cluster starts from: expert e on node
     * {@code e mod n}.
     *
     * @param nodeCount        expert nodes
     * @param minExperts       experts on the emptiest node
     * @param maxExperts       experts on the fullest node
     * @param maxNodeBytes     bytes of weights on the fullest node
     * @param routerBytes      bytes of weights on each router, KV cache not counted
     */
    public record Fit(int nodeCount, int minExperts, int maxExperts, long maxNodeBytes, long routerBytes) {}

    public CheckpointReport {
        problems = List.copyOf(problems);
    }

    /** Bytes of KV cache for one position over all layers, with elements of so many bytes. */
    public static long kvBytesPerToken(final ModelConfig config, final int elementBytes) {
        return 2L * config.layerCount() * config.kvWidth() * elementBytes;
    }

    /** Weighs the tensors found; a tensor is an expert's if its name says so. */
    public static Weights weigh(final ModelConfig config, final Collection<TensorEntry> tensors) {
        long experts = 0;
        long total = 0;
        for (final TensorEntry tensor : tensors) {
            total += tensor.byteCount();
            experts += tensor.name().contains(".experts.") ? tensor.byteCount() : 0;
        }
        return new Weights(
                LayoutCheck.layoutOf(tensors.stream().map(TensorEntry::name).collect(Collectors.toSet())),
                tensors.stream()
                        .map(tensor -> tensor.dtype().name())
                        .distinct()
                        .sorted()
                        .toList(),
                tensors.size(),
                total,
                experts,
                total - experts,
                experts / config.unitCount(),
                experts / config.expertCount(),
                kvBytesPerToken(config, Short.BYTES));
    }

    /** How it fits on {@code nodeCount} nodes; null where the weights are unknown. */
    public @Nullable Fit fit(final int nodeCount) {
        if (nodeCount < 1) {
            throw new IllegalArgumentException("nodeCount must be at least 1: " + nodeCount);
        }
        if (config == null || weights == null) {
            return null;
        }
        final int min = config.expertCount() / nodeCount;
        final int max = Math.ceilDiv(config.expertCount(), nodeCount);
        return new Fit(nodeCount, min, max, max * weights.expertBytes, weights.routerBytes);
    }

    /** What it needs in memory, by precision; empty without a config. */
    public List<PrecisionNeeds> needs() {
        return config == null ? List.of() : PrecisionNeeds.of(config);
    }

    /** What an expert node needs of a GPU, by precision; empty without a config. */
    public List<GpuNeeds> gpuNeeds() {
        return config == null ? List.of() : GpuNeeds.of(config);
    }

    /** This report with further problems; one that it has already is not repeated. */
    public CheckpointReport withProblems(final List<String> further) {
        final List<String> all = new ArrayList<>(problems);
        further.stream().filter(problem -> !all.contains(problem)).forEach(all::add);
        return new CheckpointReport(directory, config, counts, weights, all);
    }

    /** For people, with the fit on {@code nodeCount} nodes. Lines end with a line feed. */
    public String toText(final int nodeCount) {
        final List<String> lines = new ArrayList<>();
        lines.add(directory);
        ReportText.addModel(lines, config, counts);
        ReportText.addWeights(lines, weights, config, fit(nodeCount));
        ReportText.addNeeds(lines, needs());
        ReportText.addGpuNeeds(lines, gpuNeeds());
        if (problems.isEmpty()) {
            lines.add("  problems     none");
        } else {
            lines.add("  problems     " + problems.size() + ", so it cannot be served");
            problems.forEach(problem -> lines.add("    - " + problem));
        }
        return String.join("\n", lines) + "\n";
    }
}
