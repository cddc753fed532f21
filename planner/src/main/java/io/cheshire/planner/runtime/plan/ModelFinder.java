package io.cheshire.planner.runtime.plan;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.planner.protocol.plan.PlannedModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model of a plan: its {@code config.json} is enough. */
final class ModelFinder {
    static final String BUILT_IN = "phi-3.5-moe";

    private ModelFinder() {}

    /**
     * By name or file.
     *
     * @param base what relative paths are relative to
     */
    static PlannedModel find(final PlanSection plan, final Path base) {
        final String named = plan.text("model", BUILT_IN);
        final int bytes = plan.word("precision", "bf16", java.util.List.of("bf16", "fp32"))
                        .equals("bf16")
                ? 2
                : 4;
        final Path given = base.resolve(named);
        if (!Files.exists(given)) {
            if (!named.equals(BUILT_IN)) {
                plan.refuse(
                        "model",
                        "is no file: give a model's directory or its config.json, or the built-in " + BUILT_IN);
            }
            final PlannedModel known = PlannedModel.phi35Moe();
            return new PlannedModel(known.name(), known.shape(), bytes, known.contextLimit());
        }
        final Path file = Files.isDirectory(given) ? given.resolve("config.json") : given;
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] json = in.readNBytes(ModelConfigParser.MAX_CONFIG_BYTES + 1);
            final ModelConfig config = ModelConfigParser.parse(json, file.toString());
            final Path folder = file.toAbsolutePath().getParent();
            final String name = folder == null ? named : String.valueOf(folder.getFileName());
            return new PlannedModel(name, Shape.of(config), bytes, config.maxPositionEmbeddings());
        } catch (final IOException | ModelException wrong) {
            plan.refuse("model", "can't be read: " + wrong.getMessage());
            return PlannedModel.phi35Moe();
        }
    }
}
