package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/batches}.
 *
 * @param windowSeconds after which lines that weren't answered aren't any more
 * @param metadata      an object, or null
 */
public record BatchRequest(
        String inputFileId,
        String endpoint,
        String window,
        long windowSeconds,
        @Nullable JsonNode metadata) {}
