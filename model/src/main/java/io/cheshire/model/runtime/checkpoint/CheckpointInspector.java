package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.CheckpointReport;
import io.cheshire.model.core.checkpoint.LayoutCheck;
import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StoredQuantisation;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reports on a directory, whatever state it is in: what would be thrown when it is opened becomes a line of the report.
 */
public final class CheckpointInspector {
    private final List<String> problems = new ArrayList<>();

    private CheckpointInspector() {}

    /**
     * Reads config and headers only: milliseconds for any size. A manifest's list of names is checked, its hashes are
     * not.
     */
    public static CheckpointReport inspect(final Path directory) {
        return new CheckpointInspector().report(directory);
    }

    /**
     * As {@link #inspect}, and then reads every byte: hashes against a manifest, and scans all weights for NaN,
     * infinity and empty gates.
     */
    public static CheckpointReport inspectThoroughly(final Path directory, final Progress progress) {
        final CheckpointInspector inspector = new CheckpointInspector();
        final CheckpointReport report = inspector.report(directory);
        if (!report.problems().isEmpty()) {
            return report;
        }
        inspector.collect(() -> inspector.readAll(directory, progress));
        return new CheckpointReport(
                report.directory(), report.config(), report.counts(), report.weights(), inspector.problems);
    }

    private CheckpointReport report(final Path directory) {
        final ModelDirectory models;
        try {
            models = ModelDirectory.open(directory, CheckpointOptions.ManifestPolicy.TRUST);
        } catch (final ModelException e) {
            return new CheckpointReport(directory.toString(), null, null, null, e.problems());
        }
        ModelConfig config = null;
        try {
            config = Checkpoint.readConfig(models);
        } catch (final ModelException e) {
            problems.addAll(e.problems());
        }
        final CheckpointReport.Weights weights = weigh(models, config);
        return new CheckpointReport(
                directory.toString(),
                config,
                config == null ? null : ParameterCounts.of(config),
                weights,
                problems.stream().distinct().toList());
    }

    private CheckpointReport.@Nullable Weights weigh(final ModelDirectory models, final @Nullable ModelConfig config) {
        try (Arena arena = Arena.ofShared()) {
            final TensorFiles files = TensorFiles.open(models, arena);
            collect(() -> FileHashes.open(
                    models, files, CheckpointOptions.DEFAULT.withManifest(CheckpointOptions.ManifestPolicy.TRUST)));
            if (config == null) {
                return null;
            }
            problems.addAll(LayoutCheck.of(
                            config,
                            StoredQuantisation.of(models.require(ModelFile.CONFIG), ModelFile.CONFIG.fileName()),
                            files.entries())
                    .problems());
            return CheckpointReport.weigh(config, files.entries().values());
        } catch (final ModelException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    private void readAll(final Path directory, final Progress progress) {
        try (Checkpoint checkpoint = Checkpoint.open(directory, CheckpointOptions.DEFAULT.withProgress(progress))) {
            collect(checkpoint::routerWeights);
            final ModelConfig config = checkpoint.config();
            for (int unit = 0; unit < config.unitCount(); unit++) {
                final ExpertKey key = ExpertKey.ofUnitIndex(unit, config.expertCount());
                collect(() -> checkpoint.unit(key));
            }
        }
    }

    private void collect(final Runnable step) {
        try {
            step.run();
        } catch (final ModelException e) {
            problems.addAll(e.problems());
        }
    }
}
