package io.cheshire.ops.runtime.doctor;

import io.cheshire.model.core.checkpoint.CheckpointReport;
import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.runtime.checkpoint.CheckpointInspector;
import io.cheshire.model.runtime.text.TextInspector;
import io.cheshire.ops.core.doctor.ModelFacts;
import java.nio.file.Path;
import java.util.Locale;

/** Looks at a checkpoint as {@code inspect} does: its config, headers and tokenizer, not every byte. */
final class ModelProbe {
    private static final double MIB = 1 << 20;
    private static final double MILLION = 1e6;

    private ModelProbe() {}

    static ModelFacts find(final Path directory, final int nodes) {
        final CheckpointReport weights = CheckpointInspector.inspect(directory);
        final CheckpointReport report = weights.config() == null
                ? weights
                : weights.withProblems(TextInspector.problems(directory, weights.config()));
        final CheckpointReport.Weights stored = report.weights();
        final ParameterCounts counts = report.counts();
        final CheckpointReport.Fit fit = report.fit(nodes);
        return stored == null || counts == null || fit == null
                ? new ModelFacts(directory.toString(), report.problems(), "", 0, 0, 0, 0)
                : new ModelFacts(
                        directory.toString(),
                        report.problems(),
                        String.format(
                                Locale.ROOT,
                                "%.0f M parameters, %.0f MiB of %s weights",
                                counts.total() / MILLION,
                                stored.totalBytes() / MIB,
                                String.join("/", stored.dtypes())),
                        stored.totalBytes(),
                        stored.routerBytes(),
                        fit.maxNodeBytes(),
                        // As many bytes for each parameter as the checkpoint has on average.
                        Math.round(counts.activeWithoutEmbedding() * ((double) stored.totalBytes() / counts.total())));
    }
}
