package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether a tokenizer puts a space in front of a text, by whichever of its parts does that. Pure. */
final class PrefixSpace {
    private PrefixSpace() {}

    static boolean isAddedBy(final JsonNode tokenizer) {
        return adds(tokenizer.path("normalizer")) || adds(tokenizer.path("pre_tokenizer"));
    }

    private static boolean adds(final JsonNode step) {
        for (final String steps : new String[] {"normalizers", "pretokenizers"}) {
            for (final JsonNode one : step.path(steps)) {
                if (adds(one)) {
                    return true;
                }
            }
        }
        return switch (step.path("type").asText()) {
            case "Prepend" -> true;
            case "Metaspace" ->
                step.has("prepend_scheme")
                        ? !"never".equals(step.path("prepend_scheme").asText())
                        : step.path("add_prefix_space").asBoolean(true);
            case "ByteLevel" -> step.path("add_prefix_space").asBoolean(true);
            default -> false;
        };
    }
}
