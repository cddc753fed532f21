package io.cheshire.model.runtime.cuda.ffi;

/** The driver refused a call, or isn't there. The message names the call and the driver's answer. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    public CudaException(final String message) {
        super(message);
        this.code = CudaError.NONE;
    }

    CudaException(final String message, final Throwable cause) {
        super(message, cause);
        this.code = CudaError.NONE;
    }

    public CudaException(final String call, final int code) {
        super(call + " answered " + code + " (" + CudaError.text(code) + ")");
        this.code = code;
    }

    /** The same answer with what it means here, and a remedy. */
    public CudaException(final String message, final CudaException cause) {
        super(message + ": " + cause.getMessage(), cause);
        this.code = cause.code;
    }

    /** The same answer, told with more. */
    public static CudaException retold(final String message, final CudaException cause) {
        return new CudaException(message, cause.code, cause);
    }

    private CudaException(final String message, final int code, final CudaException cause) {
        super(message, cause);
        this.code = code;
    }

    /** The driver's own answer, or {@link CudaError#NONE}. */
    public int code() {
        return code;
    }
}
