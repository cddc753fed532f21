package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/responses}.
 *
 * @param items      of the request's own input, in the form in which they are kept and listed
 * @param previousId of the response that it goes on from, or null
 * @param tools      that may be called, or null
 * @param echo       members of the request that the response repeats
 * @param ignored    names of the fields that were accepted without effect
 */
public record ResponseRequest(
        GenerationFields common,
        List<ObjectNode> items,
        @Nullable String instructions,
        @Nullable String previousId,
        @Nullable ToolFields tools,
        boolean isStored,
        ObjectNode echo,
        List<String> ignored) {
    public ResponseRequest {
        items = List.copyOf(items);
        ignored = List.copyOf(ignored);
    }
}
