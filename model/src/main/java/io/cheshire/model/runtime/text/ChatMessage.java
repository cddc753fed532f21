package io.cheshire.model.runtime.text;

/**
 * One turn of a conversation.
 *
 * @param role    one of {@link ChatPrompts#ROLES}
 * @param content what was said; never becomes a control token
 */
public record ChatMessage(String role, String content) {}
