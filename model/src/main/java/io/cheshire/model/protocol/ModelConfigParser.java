package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code config.json} (docs/model.md §1.1). What the forward pass needs must be in the file: class defaults
 * differ between implementations (1e6 or 10000 for {@code rope_theta}), so none is assumed for a number. What may be
 * absent, and what that means:
 *
 * <ul>
 *   <li>{@code head_dim}: {@code hidden_size / num_attention_heads}, as in every implementation;
 *   <li>{@code rope_scaling}: plain RoPE without mscale; {@code sliding_window}: full attention. How many keys a window
 *       of W has is said by the {@link ModelClass} that the file names. One that hides nothing within
 *       {@code max_position_embeddings} is read as absent;
 *   <li>{@code attention_bias}, {@code lm_head_bias}: what that class defaults to. A wrong guess cannot pass: the
 *       biases in the files would then be unknown, or missing;
 *   <li>{@code tie_word_embeddings}: false in every implementation of this class;
 *   <li>{@code bos_token_id}: -1; {@code eos_token_id}: no stop id named by the config.
 * </ul>
 *
 * A head that scores is read by {@link ScoreHeadFields}. Quantised weights, other heads, and keys that would change the
 * forward pass in a way that isn't served are refused by name. Other keys (dropouts, {@code torch_dtype}, training
 * losses …) are accepted and change nothing.
 */
public final class ModelConfigParser {
    /** Longest {@code config.json} read; published ones are below 10 KiB. */
    public static final int MAX_CONFIG_BYTES = 1 << 20;

    /** Bounds far above any published model; they keep every product of two fields within an int. */
    private static final int MAX_VOCAB = 1 << 22;

    private static final int MAX_WIDTH = 1 << 17;
    private static final int MAX_LAYERS = 1_024;
    private static final int MAX_HEADS = 1_024;
    private static final int MAX_HEAD_DIM = 1_024;
    private static final int MAX_EXPERTS = 1_024;
    private static final int MAX_POSITIONS = 1 << 24;
    private static final double MAX_THETA = 1e12;

    private final List<String> problems = new ArrayList<>();
    private final ConfigFields fields;

    private ModelConfigParser(final byte[] json, final String source) {
        fields = new ConfigFields(StrictJson.readObject(json, source), "", problems);
    }

    /**
     * Parses and checks.
     *
     * @param json   the file, UTF-8
     * @param source what to call it in errors
     * @throws ModelException listing every problem found
     */
    public static ModelConfig parse(final byte[] json, final String source) {
        if (json.length > MAX_CONFIG_BYTES) {
            throw new ModelException(
                    source + " was refused",
                    List.of("it is " + json.length + " bytes long; at most " + MAX_CONFIG_BYTES + " are read"));
        }
        final ModelConfigParser parser = new ModelConfigParser(json, source);
        final String modelType = parser.checkFamily(source);
        parser.checkQuantisation(source);
        final ModelConfig config = parser.read(modelType);
        if (!parser.problems.isEmpty()) {
            throw new ModelException(
                    source + " cannot be served; correct these fields or download the file again", parser.problems);
        }
        return config;
    }

    /** Another family's file would only yield a list of misleading problems, so this one stands alone. */
    private String checkFamily(final String source) {
        final String type = fields.text("model_type");
        if (type != null && ModelClass.ofType(type) != null) {
            return type;
        }
        final String why = switch (type) {
            case null ->
                "model_type is missing; it must be phimoe (Phi-3.5-MoE and its SlimMoE siblings) or grinmoe (GRIN-MoE)"
                        + suggestedType();
            case "mixtral" ->
                "model_type is mixtral: its gate (" + GateKind.SOFTMAX_TOP_K_RENORMALISED
                        + ") is known but its RMSNorm is not served; choose a phimoe checkpoint";
            case "phi3", "phi3small", "phi3_v", "phi4mm", "phi4_multimodal" ->
                "model_type is " + type + ", not phimoe: a dense model, and only mixtures of experts are served;"
                        + " choose a phimoe or grinmoe checkpoint";
            default -> "model_type is " + type + "; only phimoe and grinmoe are served";
        };
        throw new ModelException(source + " cannot be served", List.of(why));
    }

    private String suggestedType() {
        final JsonNode names = fields.find("architectures");
        final String name = names == null ? "" : names.path(0).asText();
        final String type = ModelClass.typeOf(name);
        return type == null ? "" : "; architectures names " + name + ", whose model_type is " + type;
    }

    /** Stands alone, too: every weight of such a checkpoint has another name, or another type. */
    private void checkQuantisation(final String source) {
        for (final String key : List.of("quantization_config", "compression_config")) {
            final JsonNode given = fields.find(key);
            if (given == null || (key.equals(StoredQuantisation.FIELD) && StoredQuantisation.isOurs(given))) {
                continue;
            }
            final JsonNode method = given.path("quant_method");
            throw new ModelException(
                    source + " cannot be served",
                    List.of(key + " is there: the weights are quantised by "
                            + (method.isTextual() ? method.textValue() : ConfigFields.shown(given))
                            + ", which is not served; choose the checkpoint in bf16, f16 or f32"));
        }
    }

    private void checkArchitectures() {
        final JsonNode names = fields.find("architectures");
        for (final JsonNode name : names == null ? List.<JsonNode>of() : names) {
            final String text = name.asText();
            if (text.contains("For") && !text.endsWith("ForCausalLM") && !text.endsWith(ScoreHeadFields.CLASS_END)) {
                fields.problem(
                        "architectures",
                        "names " + text + "; only language models (…ForCausalLM) and classifiers (…"
                                + ScoreHeadFields.CLASS_END + ") are served");
            }
        }
    }

    private ModelConfig read(final String modelType) {
        final int vocab = fields.count("vocab_size", MAX_VOCAB);
        final int maxId = vocab == 0 ? Integer.MAX_VALUE : vocab - 1;
        final int hidden = fields.count("hidden_size", MAX_WIDTH);
        final int heads = fields.count("num_attention_heads", MAX_HEADS);
        final int kvHeads = fields.count("num_key_value_heads", MAX_HEADS);
        if (heads > 0 && kvHeads > 0 && heads % kvHeads != 0) {
            fields.problem("num_key_value_heads", "is " + kvHeads + "; it must divide num_attention_heads = " + heads);
        }
        final int headDim = headDim(hidden, heads);
        final int experts = fields.count("num_local_experts", MAX_EXPERTS);
        checkActivation();
        checkArchitectures();
        fields.requireOne("partial_rotary_factor", "all of a head is rotated");
        final ModelClass named = ModelClass.named(modelType, fields);
        final int maxPositions = fields.count("max_position_embeddings", MAX_POSITIONS);
        final ScoreHead head = ScoreHeadFields.areIn(fields) ? ScoreHeadFields.read(fields, maxId) : null;
        final RopeFields rope = new RopeFields(fields, headDim, maxPositions, MAX_THETA);
        return new ModelConfig(
                modelType,
                vocab,
                hidden,
                fields.count("intermediate_size", MAX_WIDTH),
                fields.count("num_hidden_layers", MAX_LAYERS),
                heads,
                kvHeads,
                headDim,
                experts,
                expertsPerToken(experts),
                fields.positive("rms_norm_eps", 1.0, "it is the epsilon of every LayerNorm (1e-5 as published)"),
                fields.notNegative(
                        "router_jitter_noise", 0.5, "it sets the band of the gate (0.01 as published; 0 for none)"),
                fields.flag("attention_bias", named.biases()),
                fields.flag("lm_head_bias", named.biases()) && head == null,
                rope.theta(),
                rope.scaling(),
                maxPositions,
                slidingWindow(named, maxPositions),
                fields.flag("tie_word_embeddings", false) && head == null,
                GateKind.SPARSE_MIXER,
                fields.optionalInteger("bos_token_id", -1, maxId, -1, -1),
                fields.ids("eos_token_id", maxId),
                head);
    }

    private int headDim(final int hidden, final int heads) {
        final int explicit = fields.optionalInteger("head_dim", 1, MAX_HEAD_DIM, 0, -1);
        if (explicit < 0 || (explicit == 0 && (hidden == 0 || heads == 0))) {
            return 0;
        }
        if (explicit == 0 && hidden % heads != 0) {
            fields.problem(
                    "hidden_size",
                    "is " + hidden + "; without head_dim it must be a multiple of" + " num_attention_heads = " + heads);
            return 0;
        }
        final int headDim = explicit == 0 ? hidden / heads : explicit;
        if (headDim % 2 != 0 || headDim > MAX_HEAD_DIM) {
            fields.problem(
                    "head_dim", "is " + headDim + "; it must be even (RoPE rotates pairs) and at most " + MAX_HEAD_DIM);
            return 0;
        }
        return headDim;
    }

    private int expertsPerToken(final int experts) {
        final int topK = fields.count("num_experts_per_tok", MAX_EXPERTS);
        if (topK > 0 && experts > 0 && topK > experts) {
            fields.problem("num_experts_per_tok", "is " + topK + "; it must not exceed num_local_experts = " + experts);
        } else if (topK > 0 && topK != 2) {
            fields.problem("num_experts_per_tok", "is " + topK + "; SparseMixer chooses exactly 2");
        }
        return topK;
    }

    private void checkActivation() {
        final JsonNode activation = fields.find("hidden_act");
        if (activation == null) {
            fields.problem("hidden_act", "is missing; it must be \"silu\"");
        } else if (!"silu".equals(activation.textValue())) {
            fields.problem("hidden_act", "is " + ConfigFields.shown(activation) + "; only \"silu\" is served");
        }
    }

    /** As {@link ModelConfig#slidingWindow} counts: keys before a token's own. */
    private @Nullable Integer slidingWindow(final ModelClass named, final int maxPositions) {
        final int window = fields.optionalInteger("sliding_window", 1, Integer.MAX_VALUE, 0, 0);
        final long visible = window == 0 ? maxPositions : named.visibleKeys(window);
        if (visible >= maxPositions) {
            return null;
        }
        checkLayerTypes(window);
        return (int) visible - 1;
    }

    /** Newer files may say layer by layer which attention it has; this server has one for all. */
    private void checkLayerTypes(final int window) {
        final JsonNode types = fields.find("layer_types");
        for (final JsonNode type : types == null ? List.<JsonNode>of() : types) {
            if (!"sliding_attention".equals(type.textValue())) {
                fields.problem(
                        "layer_types",
                        "has " + ConfigFields.shown(type) + " beside sliding_window = " + window
                                + "; a window is served for all layers (\"sliding_attention\") or none");
                return;
            }
        }
    }
}
