package io.cheshire.model.runtime.text;

/**
 * One turn of a conversation.
 *
 * @param role    one of {@link ChatPrompts#ROLES}
 * @param content what was said; never becomes a control token
 * @param calls   of tools, which follow what was said between the marks that the model has for them; empty: none
 * @param tools   what the template is given as {@code tools} of the message; empty: it isn't given any
 */
public record ChatMessage(String role, String content, String calls, String tools) {
    /** A turn without tools. */
    public ChatMessage(final String role, final String content) {
        this(role, content, "", "");
    }
}
