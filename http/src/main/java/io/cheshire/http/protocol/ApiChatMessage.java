package io.cheshire.http.protocol;

import java.util.List;

/**
 * One message of a conversation.
 *
 * @param role    {@code system}, which {@code developer} became, {@code user}, {@code assistant} or "tool"
 * @param content plain text; never interpreted as control tokens
 * @param calls   of tools, which an assistant made
 * @param tools   what a system message says of tools where the template has a place for it; empty: nothing
 */
public record ApiChatMessage(String role, String content, List<Call> calls, String tools) {
    public ApiChatMessage {
        calls = List.copyOf(calls);
    }

    /** A message without calls. */
    public ApiChatMessage(final String role, final String content) {
        this(role, content, List.of());
    }

    /** A message, perhaps with calls. */
    public ApiChatMessage(final String role, final String content, final List<Call> calls) {
        this(role, content, calls, "");
    }

    /**
     * A call of a tool.
     *
     * @param arguments an object, as JSON
     */
    public record Call(String name, String arguments) {}
}
