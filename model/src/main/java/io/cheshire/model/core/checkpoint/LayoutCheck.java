package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tensors of a checkpoint with those that its config asks for. A tensor that is missing, unknown or
 * misshapen is a problem; so is one of a dtype that kernels don't read. Pure.
 *
 * @param layout   the layout found
 * @param stored   how experts are quantised; null where weights are numbers
 * @param problems every problem; empty if the checkpoint can be served
 */
public record LayoutCheck(CheckpointLayout layout, @Nullable Quantisation stored, List<String> problems) {
    /** So many problems are spelt out; the rest is counted. */
    static final int MAX_LISTED = 2_000;

    /** What GPTQ, AWQ, FP8, bitsandbytes and their like store beside or instead of a weight. */
    private static final Pattern QUANTISED = Pattern.compile(".*[._](qweight|qzeros|g_idx|scales|weight_packed"
            + "|weight_scale|weight_scale_inv|weight_scale_2|input_scale|absmax|quant_map|SCB)");

    /** More expected tensors than any config of a served model has; a config beyond it is wrong, not big. */
    static final long MAX_TENSORS = 1L << 20;

    public LayoutCheck {
        problems = List.copyOf(problems);
    }

    /**
     * Decides the layout by the expert tensors (hub names first, as in docs/model.md §2.3) and checks every tensor.
     *
     * @param config what the model is
     * @param found  tensor name → entry, over all files
     */
    public static LayoutCheck of(final ModelConfig config, final Map<String, TensorEntry> found) {
        return of(config, null, found);
    }

    /** The same for a checkpoint that says of itself that its experts are quantised so; null: that they aren't. */
    public static LayoutCheck of(
            final ModelConfig config, final @Nullable Quantisation stored, final Map<String, TensorEntry> found) {
        if (stored == null) {
            return ofNumbers(config, found);
        }
        final CheckpointLayout layout = CheckpointLayout.HUB;
        final String tooMany = tooMany(config);
        if (tooMany != null) {
            return new LayoutCheck(layout, stored, List.of(tooMany));
        }
        final List<TensorSpec> wanted = QuantisedTensors.of(ExpectedTensors.of(config, layout), stored);
        return new LayoutCheck(layout, stored, shortened(compared(config, wanted, stored, found)));
    }

    private static LayoutCheck ofNumbers(final ModelConfig config, final Map<String, TensorEntry> found) {
        final CheckpointLayout layout = layoutOf(found.keySet());
        final String quantised = quantised(found);
        if (quantised != null) {
            return new LayoutCheck(layout, null, List.of(quantised));
        }
        final List<String> problems = compared(config, layout, found);
        if (problems.isEmpty()) {
            return new LayoutCheck(layout, null, problems);
        }
        // One wrong field misshapes many tensors: then the field is the problem, and what is left without it.
        final ConfigMistakes.Found mistakes = ConfigMistakes.of(config, layout, found);
        final List<String> fewer = new ArrayList<>(mistakes.lines());
        fewer.addAll(compared(mistakes.corrected(), layout, found));
        return new LayoutCheck(layout, null, shortened(fewer.size() <= problems.size() ? fewer : problems));
    }

    private static List<String> compared(
            final ModelConfig config, final CheckpointLayout layout, final Map<String, TensorEntry> found) {
        final String tooMany = tooMany(config);
        return tooMany == null ? compared(config, ExpectedTensors.of(config, layout), null, found) : List.of(tooMany);
    }

    private static @Nullable String tooMany(final ModelConfig config) {
        final long tensorCount = config.layerCount() * (13L + 3L * config.expertCount());
        return tensorCount > MAX_TENSORS
                ? "the config asks for " + tensorCount + " tensors; at most " + MAX_TENSORS + " are loaded"
                : null;
    }

    private static List<String> compared(
            final ModelConfig config,
            final List<TensorSpec> tensors,
            final @Nullable Quantisation stored,
            final Map<String, TensorEntry> found) {
        final List<String> problems = new ArrayList<>();
        final Set<String> known = new HashSet<>();
        for (final TensorSpec wanted : tensors) {
            known.add(wanted.name());
            checkOne(wanted, stored, found, problems);
        }
        found.keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .forEach(name -> problems.add("unknown tensor " + name + remedyForUnknown(name, config)));
        return problems;
    }

    /** Why these are the weights of a quantised model, or null. Each of its tensors would be a problem of its own. */
    private static @Nullable String quantised(final Map<String, TensorEntry> found) {
        return found.values().stream()
                .filter(tensor -> QUANTISED.matcher(tensor.name()).matches()
                        || (tensor.name().endsWith("_proj.weight")
                                && tensor.dtype().bits() <= Byte.SIZE))
                .min(Comparator.comparing(TensorEntry::name))
                .map(tensor ->
                        "tensor " + tensor.name() + " (" + tensor.dtype() + ") is one of quantised weights, which"
                                + " are not served; choose the checkpoint in bf16, f16 or f32")
                .orElse(null);
    }

    /** Fused if a fused expert tensor is there and no hub one is; else hub. */
    static CheckpointLayout layoutOf(final Set<String> names) {
        boolean fused = false;
        for (final String name : names) {
            if (name.contains(".block_sparse_moe.experts.")) {
                return CheckpointLayout.HUB;
            }
            fused |= name.endsWith(".mlp.experts.gate_up_proj");
        }
        return fused ? CheckpointLayout.FUSED : CheckpointLayout.HUB;
    }

    private static void checkOne(
            final TensorSpec wanted,
            final @Nullable Quantisation stored,
            final Map<String, TensorEntry> found,
            final List<String> problems) {
        final TensorEntry entry = found.get(wanted.name());
        if (entry == null) {
            problems.add("missing tensor " + wanted.name() + " " + wanted.shape());
            return;
        }
        if (!entry.shape().equals(wanted.shape())) {
            problems.add("tensor " + wanted.name() + " has shape " + entry.shape() + "; the config asks for "
                    + wanted.shape());
        }
        final String wrong = QuantisedTensors.wrongDtype(wanted.name(), entry.dtype(), stored);
        if (wrong != null) {
            problems.add("tensor " + wanted.name() + " " + wrong);
        }
    }

    private static String remedyForUnknown(final String name, final ModelConfig config) {
        final boolean isHead = name.equals(TensorNames.LM_HEAD) || name.equals(TensorNames.LM_HEAD_BIAS);
        if (isHead && config.scoreHead() != null) {
            return ": architectures names a classifier, so it would not be used; name …ForCausalLM or remove the"
                    + " tensor";
        }
        if (name.equals(TensorNames.SCORE)) {
            return ": architectures names a language model, so it would not be used; name"
                    + " …ForSequenceClassification or remove the tensor";
        }
        if (name.equals("score.bias")) {
            return ": the head of …ForSequenceClassification has no bias, so it would not be used";
        }
        if (name.equals(TensorNames.LM_HEAD) && config.tieWordEmbeddings()) {
            return ": tie_word_embeddings is true, so it would not be used; set it to false or remove the tensor";
        }
        if (name.endsWith("_proj.bias") && !config.attentionBias()) {
            return ": attention_bias is false, so it would not be used";
        }
        if (name.equals(TensorNames.LM_HEAD_BIAS)) {
            return ": lm_head_bias is false, so it would not be used";
        }
        return ": the config has no place for it, so it would not be used";
    }

    private static List<String> shortened(final List<String> problems) {
        if (problems.size() <= MAX_LISTED) {
            return problems;
        }
        final List<String> listed = new ArrayList<>(problems.subList(0, MAX_LISTED));
        listed.add("… and " + (problems.size() - MAX_LISTED) + " more");
        return listed;
    }
}
