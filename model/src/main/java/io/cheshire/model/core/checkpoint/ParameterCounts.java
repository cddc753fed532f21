package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.ModelConfig;

/**
 * Parameters of a model, by part (docs/model.md §2.2).
 *
 * @param total                 all of them
 * @param experts               all units together
 * @param router                everything but the experts: the part that each router holds
 * @param unit                  one expert of one layer
 * @param expert                one expert number over all layers
 * @param active                used for one token, input embedding included
 * @param activeWithoutEmbedding used for one token, without the rows of the input embedding that it doesn't look up
 */
public record ParameterCounts(
        long total, long experts, long router, long unit, long expert, long active, long activeWithoutEmbedding) {
    /** Counts what the config asks for. */
    public static ParameterCounts of(final ModelConfig config) {
        long experts = 0;
        long router = 0;
        for (final TensorSpec tensor : ExpectedTensors.of(config, CheckpointLayout.FUSED)) {
            switch (tensor.part()) {
                case EXPERT -> experts = Math.addExact(experts, tensor.elementCount());
                case ROUTER -> router = Math.addExact(router, tensor.elementCount());
            }
        }
        final long unit = experts / config.unitCount();
        final long active = router + (long) config.layerCount() * config.expertsPerToken() * unit;
        final long embedding = config.tieWordEmbeddings() ? 0 : (long) config.vocabSize() * config.hiddenSize();
        return new ParameterCounts(
                experts + router, experts, router, unit, unit * config.layerCount(), active, active - embedding);
    }
}
