package io.cheshire.http.protocol;

import org.jspecify.annotations.Nullable;

/**
 * An error in OpenAI's shape: {@code {"error":{"message","type","param","code"}}}. The message never holds text of the
 * request; field names, numbers, a path that isn't there and a host that isn't answered are the exception, and they are
 * bounded.
 *
 * @param status            HTTP status
 * @param type              OpenAI's error type
 * @param message           what was wrong, the value, the limit and the remedy
 * @param param             the field, or null
 * @param code              stable code for programs
 * @param retryAfterSeconds 0 for none
 */
public record ApiError(
        int status, String type, String message, @Nullable String param, String code, int retryAfterSeconds) {

    /** 400 naming a field. */
    public static ApiError invalid(final @Nullable String param, final String code, final String message) {
        return new ApiError(400, "invalid_request_error", message, param, code, 0);
    }

    /** An error without a field. */
    public static ApiError of(final int status, final String code, final String message) {
        return new ApiError(status, typeOf(status), message, null, code, 0);
    }

    /** 429 with a hint when to come back. */
    public static ApiError overloaded(final String message, final int retryAfterSeconds) {
        return new ApiError(429, typeOf(429), message, null, "overloaded", retryAfterSeconds);
    }

    /** 503 with a hint when to come back. */
    public static ApiError busy(final String code, final String message, final int retryAfterSeconds) {
        return new ApiError(503, typeOf(503), message, null, code, retryAfterSeconds);
    }

    private static String typeOf(final int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            case 503, 504 -> "service_unavailable_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
