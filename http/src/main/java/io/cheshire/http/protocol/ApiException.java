package io.cheshire.http.protocol;

/** Carries an {@link ApiError} out of parsing and validation; no stack trace, since it is the client's defect. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    /** Wraps {@code error}. */
    public ApiException(final ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    /** Names no field. */
    public static ApiException of(final int status, final String code, final String message) {
        return new ApiException(ApiError.of(status, code, message));
    }

    /** 400 naming a field. */
    public static ApiException invalid(final String param, final String message) {
        return new ApiException(ApiError.invalid(param, "invalid_value", message));
    }

    /** The same, where what is known here as {@code known} has another name for the client. */
    public ApiException about(final String known, final String field) {
        return known.equals(error.param()) && !known.equals(field)
                ? new ApiException(new ApiError(
                        error.status(), error.type(), error.message(), field, error.code(), error.retryAfterSeconds()))
                : this;
    }

    /** The error to answer with. */
    public ApiError error() {
        return error;
    }
}
