package io.cheshire.http.protocol;

import java.util.List;

/**
 * The tools of a request that the model may call.
 *
 * @param tools    at least one
 * @param isForced the answer is a call, nothing else
 * @param isSingle it has one call at most
 * @param isLegacy they came as {@code functions}, and so does the answer
 */
public record ToolFields(List<Tool> tools, boolean isForced, boolean isSingle, boolean isLegacy) {
    public ToolFields {
        tools = List.copyOf(tools);
    }

    /**
     * One tool.
     *
     * @param field       where it stands in the request
     * @param description empty for none
     * @param parameters  JSON Schema of its arguments, as JSON
     * @param isStrict    the arguments must match, or the request is refused
     */
    public record Tool(String field, String name, String description, String parameters, boolean isStrict) {}
}
