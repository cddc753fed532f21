package io.cheshire.model.runtime.cuda.nvml;

/** The management library isn't here, or refused a call. The message names the call and the answer. */
public final class NvmlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NvmlException(final String message) {
        super(message);
    }

    NvmlException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
