package io.cheshire.model.runtime.onednn.ffi;

/**
 * oneDNN refused a call or is missing. The message names the call, oneDNN's answer and, where there is one, a remedy.
 */
public final class OneDnnException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** oneDNN's own answer, or -1 when the call never reached it. */
    private final int status;

    public OneDnnException(final String message) {
        super(message);
        this.status = -1;
    }

    public OneDnnException(final String message, final Throwable cause) {
        super(message, cause);
        this.status = -1;
    }

    OneDnnException(final String call, final int status) {
        super(call + " answered " + status + " (" + describe(status) + ")");
        this.status = status;
    }

    /** True when this processor or build has no implementation for what was asked. */
    public boolean unimplemented() {
        return status == Dnnl.UNIMPLEMENTED;
    }

    private static String describe(final int status) {
        return switch (status) {
            case 1 -> "out of memory";
            case 2 -> "invalid arguments";
            case Dnnl.UNIMPLEMENTED -> "not implemented on this processor";
            case 4 -> "last implementation reached";
            case 5 -> "runtime error";
            case 6 -> "not required";
            default -> "unknown status";
        };
    }
}
