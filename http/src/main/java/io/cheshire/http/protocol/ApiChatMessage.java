package io.cheshire.http.protocol;

/**
 * One message of a conversation.
 *
 * @param role    {@code system}, which {@code developer} became, {@code user} or {@code assistant}
 * @param content plain text; never interpreted as control tokens
 */
public record ApiChatMessage(String role, String content) {}
