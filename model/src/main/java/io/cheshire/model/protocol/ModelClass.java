package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a {@code config.json} can name, and what each does where the file leaves a choice. A class is named
 * by {@code auto_map}, which is how transformers finds code that comes with a model; without it, {@code model_type}
 * finds the class that is built into transformers.
 */
enum ModelClass {
    /**
     * Microsoft's code of Phi-3.5-MoE ({@code modeling_phimoe}) and of the SlimMoE models ({@code modeling_slimmoe}).
     */
    PHIMOE_REMOTE(true, 1),
    /** Microsoft's code of GRIN-MoE; transformers has none of its own. */
    GRINMOE_REMOTE(true, 1),
    /** Built into transformers, also what it saves anew: it leaves {@code auto_map} out. */
    PHIMOE_BUILT_IN(false, 0);

    static final String PHIMOE = "phimoe";
    static final String GRINMOE = "grinmoe";

    private static final Map<String, ModelClass> BY_NAME = Map.of(
            "PhiMoEForCausalLM", PHIMOE_REMOTE,
            "PhiMoEForSequenceClassification", PHIMOE_REMOTE,
            "PhiMoEConfig", PHIMOE_REMOTE,
            "GRINMoEForCausalLM", GRINMOE_REMOTE,
            "GRINMoEForSequenceClassification", GRINMOE_REMOTE,
            "GRINMoEConfig", GRINMOE_REMOTE,
            "PhimoeForCausalLM", PHIMOE_BUILT_IN,
            "PhimoeForSequenceClassification", PHIMOE_BUILT_IN,
            "PhimoeConfig", PHIMOE_BUILT_IN);

    private final boolean biases;
    private final int keysBesidesWindow;

    ModelClass(final boolean biases, final int keysBesidesWindow) {
        this.biases = biases;
        this.keysBesidesWindow = keysBesidesWindow;
    }

    /** What {@code attention_bias} and {@code lm_head_bias} mean where they are absent. */
    boolean biases() {
        return biases;
    }

    /**
     * Keys that a token sees, its own among them, where {@code sliding_window} is W: {@code W + 1} in Microsoft's code,
     * whose attention takes W as what lies to the left of the token; {@code W} in transformers.
     */
    long visibleKeys(final int slidingWindow) {
        return (long) slidingWindow + keysBesidesWindow;
    }

    /** The {@code sliding_window} with which a token sees so many keys. */
    int slidingWindow(final int visibleKeys) {
        return visibleKeys - keysBesidesWindow;
    }

    /** The class of a file without {@code auto_map}; null if nothing of that type is served. */
    static @Nullable ModelClass ofType(final @Nullable String modelType) {
        return switch (modelType) {
            case PHIMOE -> PHIMOE_BUILT_IN;
            case GRINMOE -> GRINMOE_REMOTE;
            case null, default -> null;
        };
    }

    /** The {@code model_type} of a class by its name; null if it isn't known. */
    static @Nullable String typeOf(final String className) {
        final ModelClass known = BY_NAME.get(className);
        if (known == null) {
            return className.toLowerCase(Locale.ROOT).replace("-", "").startsWith(GRINMOE) ? GRINMOE : null;
        }
        return known == GRINMOE_REMOTE ? GRINMOE : PHIMOE;
    }

    /**
     * The class that a file names.
     *
     * @param modelType one that is served
     * @param fields    the file; a class that isn't known adds a problem, since nobody can say what it does
     */
    static ModelClass named(final String modelType, final ConfigFields fields) {
        final ModelClass without = GRINMOE.equals(modelType) ? GRINMOE_REMOTE : PHIMOE_BUILT_IN;
        final ConfigFields map = fields.object("auto_map");
        if (map == null || without == GRINMOE_REMOTE) {
            return without; // of GRIN-MoE there is one class, whatever its file is called
        }
        final List<String> unknown = new ArrayList<>();
        for (final String key : List.of("AutoModelForCausalLM", "AutoModelForSequenceClassification", "AutoConfig")) {
            final String reference = reference(map, key);
            if (reference != null) {
                // As in "org/repository--modeling_phimoe.PhiMoEForCausalLM".
                final ModelClass known = BY_NAME.get(reference.substring(reference.lastIndexOf('.') + 1));
                if (known != null) {
                    return known;
                }
                unknown.add(reference);
            }
        }
        if (!unknown.isEmpty()) {
            fields.problem(
                    "auto_map",
                    "names " + String.join(" and ", unknown) + ", code that is never run and not known by its name;"
                            + " PhiMoEForCausalLM and GRINMoEForCausalLM are. Remove auto_map if the class built into"
                            + " transformers does the same");
        }
        return without;
    }

    private static @Nullable String reference(final ConfigFields map, final String key) {
        final JsonNode node = map.find(key);
        return node != null && node.isArray() && !node.isEmpty() ? node.get(0).textValue() : map.text(key);
    }
}
