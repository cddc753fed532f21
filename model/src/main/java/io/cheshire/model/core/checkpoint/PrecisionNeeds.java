package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a model needs in memory in one precision, from its config alone.
 *
 * @param precision   as options spell it
 * @param unitBytes   of one unit
 * @param routerBytes of everything else, held by each router; its KV cache not counted
 * @param nodes       for clusters of some sizes
 */
public record PrecisionNeeds(String precision, long unitBytes, long routerBytes, List<Node> nodes) {
    /** The sizes that are told. */
    static final List<Integer> CLUSTERS = List.of(1, 4, 16);

    /**
     * The fullest node of a cluster that starts with one copy of each unit.
     *
     * @param nodeCount expert nodes
     * @param bytes     of weights on the fullest
     */
    public record Node(int nodeCount, long bytes) {}

    public PrecisionNeeds {
        nodes = List.copyOf(nodes);
    }

    /** In bf16, int8 and int4. */
    public static List<PrecisionNeeds> of(final ModelConfig config) {
        return Stream.of(Precision.BF16, Precision.INT8, Precision.INT4)
                .map(precision -> of(config, precision))
                .toList();
    }

    private static PrecisionNeeds of(final ModelConfig config, final Precision precision) {
        final long unit = precision.unitBytes(config);
        long router = 0;
        for (final TensorSpec tensor : ExpectedTensors.of(config, CheckpointLayout.HUB)) {
            if (tensor.part() == TensorSpec.Part.ROUTER) {
                router = Math.addExact(router, bytes(tensor, precision));
            }
        }
        if (config.tieWordEmbeddings()) {
            final TensorSpec head = TensorSpec.router(TensorNames.LM_HEAD, config.vocabSize(), config.hiddenSize());
            router = Math.addExact(router, bytes(head, precision));
        }
        return new PrecisionNeeds(
                precision.word(),
                unit,
                router,
                CLUSTERS.stream()
                        .map(count -> new Node(
                                count, (long) Math.ceilDiv(config.expertCount(), count) * config.layerCount() * unit))
                        .toList());
    }

    /** Matrices as they are multiplied, the embedding in bf16; norms, biases and gates in fp32. */
    private static long bytes(final TensorSpec tensor, final Precision precision) {
        final Quantisation experts = precision.experts();
        final @Nullable Quantisation how = QuantisedTensors.how(tensor.name(), new Quantisation(8, groupOf(experts)));
        if (how != null) {
            return experts == null
                    ? tensor.elementCount() * precision.rowDtype().bytes()
                    : how.memoryBytes(
                            tensor.shape().getFirst(),
                            Math.toIntExact(tensor.shape().getLast()));
        }
        final boolean embedding = tensor.name().equals(TensorNames.EMBEDDING);
        return tensor.elementCount() * (embedding ? Dtype.BF16 : Dtype.F32).bytes();
    }

    private static int groupOf(final @Nullable Quantisation experts) {
        return experts == null ? 128 : experts.group();
    }
}
