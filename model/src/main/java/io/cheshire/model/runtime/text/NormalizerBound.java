package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * How much a normaliser of tokenizer.json changes the length of a text at most.
 *
 * @param shrinkage bytes before for each byte after, rounded up; 0: it may drop text
 * @param growth    bytes after for each byte before, rounded up, what it puts in front left out
 */
record NormalizerBound(long shrinkage, long growth) {
    private static final NormalizerBound UNBOUNDED = new NormalizerBound(0, 0);
    private static final NormalizerBound SAME = new NormalizerBound(1, 1);

    static NormalizerBound of(final JsonNode normalizer) {
        if (normalizer.isMissingNode() || normalizer.isNull()) {
            return SAME;
        }
        return switch (normalizer.path("type").asText()) {
            // What is put in front makes an added token no longer than these bytes for each of its own.
            case "Prepend" -> new NormalizerBound(1, 1 + bytes(normalizer.path("prepend")));
            case "ByteLevel" -> new NormalizerBound(1, 2);
            case "Replace" -> replacing(normalizer);
            case "Sequence" -> {
                NormalizerBound all = SAME;
                for (final JsonNode part : normalizer.path("normalizers")) {
                    all = all.then(of(part));
                }
                yield all;
            }
            // Strip, NFC, Lowercase, Precompiled and the like: some drop text, and none is worth a proof of how much.
            default -> UNBOUNDED;
        };
    }

    private static NormalizerBound replacing(final JsonNode normalizer) {
        final long before = bytes(normalizer.path("pattern").path("String"));
        final long after = bytes(normalizer.path("content"));
        return before == 0 || after == 0
                ? UNBOUNDED
                : new NormalizerBound((before + after - 1) / after, (after + before - 1) / before);
    }

    private NormalizerBound then(final NormalizerBound next) {
        return new NormalizerBound(
                Math.multiplyExact(shrinkage, next.shrinkage), Math.multiplyExact(growth, next.growth));
    }

    boolean isBounded() {
        return shrinkage > 0;
    }

    private static long bytes(final JsonNode text) {
        return text.asText().getBytes(StandardCharsets.UTF_8).length;
    }
}
