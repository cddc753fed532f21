package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the config fields whose values contradict the tensors, so that one wrong field is one line and not one for each
 * tensor that it misshapes. Says what the config would have to be. Pure.
 */
final class ConfigMistakes {
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.([0-9]{1,4})\\..*");
    private static final String Q = TensorNames.layer(0, "self_attn.q_proj.weight");
    private static final String K = TensorNames.layer(0, "self_attn.k_proj.weight");
    private static final String Q_BIAS = TensorNames.layer(0, "self_attn.q_proj.bias");

    private final ModelConfig config;
    private final CheckpointLayout layout;
    private final Map<String, TensorEntry> found;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param lines     one for each field that is wrong: its value, a tensor that contradicts it, both shapes, the
     *                  remedy
     * @param corrected the config with these fields as the tensors have them
     */
    record Found(List<String> lines, ModelConfig corrected) {}

    private ConfigMistakes(
            final ModelConfig config, final CheckpointLayout layout, final Map<String, TensorEntry> found) {
        this.config = config;
        this.layout = layout;
        this.found = found;
    }

    static Found of(final ModelConfig config, final CheckpointLayout layout, final Map<String, TensorEntry> found) {
        return new ConfigMistakes(config, layout, found).find();
    }

    private Found find() {
        final int headDim = headDim();
        final int kvHeads = kvHeads(headDim);
        final int vocab = first("vocab_size", TensorNames.EMBEDDING, config.vocabSize(), config.hiddenSize());
        final int experts =
                first("num_local_experts", TensorNames.gate(layout, 0), config.expertCount(), config.hiddenSize());
        final int ffn = switch (layout) {
            case HUB ->
                first("intermediate_size", TensorNames.expert(0, 0, "w1"), config.ffnSize(), config.hiddenSize());
            case FUSED -> fusedFfn(experts);
        };
        final int layers = layers();
        final boolean attentionBias = bias("attention_bias", Q_BIAS, config.attentionBias());
        final boolean headBias = bias("lm_head_bias", TensorNames.LM_HEAD_BIAS, config.lmHeadBias());
        final ScoreHead head = scoreHead();
        return new Found(
                List.copyOf(lines),
                new ModelConfig(
                        config.modelType(),
                        vocab,
                        config.hiddenSize(),
                        ffn,
                        layers,
                        config.headCount(),
                        kvHeads,
                        headDim,
                        experts,
                        config.expertsPerToken(),
                        config.normEpsilon(),
                        config.routerJitterNoise(),
                        attentionBias,
                        headBias,
                        config.ropeTheta(),
                        config.ropeScaling(),
                        config.maxPositionEmbeddings(),
                        config.slidingWindow(),
                        config.tieWordEmbeddings(),
                        config.gateKind(),
                        config.bosTokenId(),
                        config.eosTokenIds(),
                        head));
    }

    /** Labels have names: how many there are is all that a matrix says. */
    private @Nullable ScoreHead scoreHead() {
        final ScoreHead head = config.scoreHead();
        if (head == null) {
            return null;
        }
        final int labels = first("num_labels", TensorNames.SCORE, head.labelCount(), config.hiddenSize());
        return labels == head.labelCount()
                ? head
                : new ScoreHead(
                        IntStream.range(0, labels).mapToObj(i -> "LABEL_" + i).toList(),
                        head.activation(),
                        head.padTokenId());
    }

    private int headDim() {
        final List<Long> q = matrix(Q, config.hiddenSize());
        final List<Long> k = matrix(K, config.hiddenSize());
        if (q == null || k == null || q.getFirst() % config.headCount() != 0) {
            return config.headDim();
        }
        final long headDim = q.getFirst() / config.headCount();
        if (headDim == config.headDim() || headDim < 1 || k.getFirst() != headDim * config.kvHeadCount()) {
            return config.headDim();
        }
        lines.add("head_dim is " + config.headDim()
                + " (hidden_size / num_attention_heads where config.json does not state it), but tensor " + Q
                + " has shape " + q + ", " + config.headCount() + " heads of " + headDim + "; the config asks for ["
                + config.queryWidth() + ", " + config.hiddenSize() + "]; state head_dim = " + headDim);
        return (int) headDim;
    }

    private int kvHeads(final int headDim) {
        final List<Long> k = matrix(K, config.hiddenSize());
        if (k == null || k.getFirst() % headDim != 0) {
            return config.kvHeadCount();
        }
        final long kvHeads = k.getFirst() / headDim;
        if (kvHeads == config.kvHeadCount() || kvHeads < 1 || config.headCount() % kvHeads != 0) {
            return config.kvHeadCount();
        }
        lines.add("num_key_value_heads is " + config.kvHeadCount() + ", but tensor " + K + " has shape " + k + ", "
                + kvHeads + " heads of " + headDim + "; set it to " + kvHeads);
        return (int) kvHeads;
    }

    /** A size that is the number of rows of a matrix. */
    private int first(final String field, final String tensor, final int size, final long columns) {
        final List<Long> shape = matrix(tensor, columns);
        if (shape == null || shape.getFirst() == size || shape.getFirst() < 1) {
            return size;
        }
        lines.add(field + " is " + size + ", but tensor " + tensor + " has shape " + shape + "; the config asks for ["
                + size + ", " + columns + "]; set it to " + shape.getFirst());
        return (int) Math.min(shape.getFirst(), Integer.MAX_VALUE);
    }

    private int fusedFfn(final int experts) {
        final TensorEntry down = found.get(TensorNames.down(0));
        if (down == null || down.shape().size() != 3 || down.shape().get(0) != experts) {
            return config.ffnSize();
        }
        final long ffn = down.shape().get(2);
        if (ffn == config.ffnSize()
                || ffn < 1
                || ffn > Integer.MAX_VALUE / 2
                || down.shape().get(1) != config.hiddenSize()) {
            return config.ffnSize();
        }
        lines.add("intermediate_size is " + config.ffnSize() + ", but tensor " + TensorNames.down(0) + " has shape "
                + down.shape() + "; set it to " + ffn);
        return (int) ffn;
    }

    private int layers() {
        int last = -1;
        String example = "";
        for (final String name : found.keySet()) {
            final Matcher matcher = LAYER.matcher(name);
            if (matcher.matches() && Integer.parseInt(matcher.group(1)) > last) {
                last = Integer.parseInt(matcher.group(1));
                example = name;
            }
        }
        if (last < 0 || last + 1 == config.layerCount()) {
            return config.layerCount();
        }
        lines.add("num_hidden_layers is " + config.layerCount() + ", but the files hold " + (last + 1) + " layers, "
                + example + " among others; set it to " + (last + 1) + ", or download the files again");
        return last + 1;
    }

    private boolean bias(final String field, final String tensor, final boolean stated) {
        final boolean there = found.containsKey(tensor);
        if (there != stated) {
            lines.add(field + " is " + stated
                    + " (stated, or what the class that config.json names defaults to), but tensor "
                    + tensor + (there ? " is there, and would not be used" : " is missing") + "; state " + field + " = "
                    + there + (there ? "" : ", or download the files again"));
        }
        return there;
    }

    /** The shape of a matrix with that many columns; null if there is none. */
    private @Nullable List<Long> matrix(final String tensor, final long columns) {
        final TensorEntry entry = found.get(tensor);
        return entry == null || entry.shape().size() != 2 || entry.shape().get(1) != columns ? null : entry.shape();
    }
}
