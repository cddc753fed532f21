package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@code config.json} says of weights that {@code cheshire quantize} wrote (docs/model.md §2.6). */
public final class StoredQuantisation {
    /** The field of {@code config.json}. */
    public static final String FIELD = "quantization_config";

    private static final String METHOD = "quant_method";
    private static final String OURS = "cheshire";
    private static final String BITS = "bits";
    private static final String GROUP = "group_size";

    private StoredQuantisation() {}

    /** Whether the field's value is one of ours. */
    static boolean isOurs(final JsonNode value) {
        return value.path(METHOD).asText().equals(OURS);
    }

    /**
     * How experts are stored; null where weights are numbers.
     *
     * @param config the bytes of a {@code config.json}
     * @throws ModelException ours, but not as any release writes it
     */
    public static @Nullable Quantisation of(final byte[] config, final String source) {
        final JsonNode value = StrictJson.readObject(config, source).path(FIELD);
        if (!isOurs(value)) {
            return null;
        }
        final JsonNode bits = value.path(BITS);
        final JsonNode group = value.path(GROUP);
        if (bits.isInt() && group.isInt()) {
            for (final Precision precision : Precision.values()) {
                final Quantisation experts = precision.experts();
                if (experts != null && experts.bits() == bits.intValue() && experts.group() == group.intValue()) {
                    return experts;
                }
            }
        }
        throw new ModelException(
                source + " cannot be served",
                List.of(FIELD + " is " + value + "; bits must be 8 or 4 and group_size 32, 64 or 128: quantise anew"));
    }

    /**
     * Refuses a precision that stored weights can't be computed in.
     *
     * @param stored how experts are stored; null where weights are numbers
     * @throws ModelException naming the one to ask for
     */
    public static void demand(final @Nullable Quantisation stored, final Precision precision, final String source) {
        if (stored != null && !stored.equals(precision.experts())) {
            throw new ModelException(
                    source + " cannot be served in " + precision.word(),
                    List.of("its weights are quantised (" + stored.bits() + " bits, groups of " + stored.group()
                            + "): ask for --precision " + Precision.of(stored).word()));
        }
    }

    /** A {@code config.json} with the field added. */
    public static byte[] addTo(final byte[] config, final String source, final Quantisation experts) {
        final ObjectNode json = StrictJson.readObject(config, source);
        json.putObject(FIELD).put(METHOD, OURS).put(BITS, experts.bits()).put(GROUP, experts.group());
        return (json.toPrettyString() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
