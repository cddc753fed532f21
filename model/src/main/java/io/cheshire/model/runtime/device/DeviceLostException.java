package io.cheshire.model.runtime.device;

/**
 * The device computes nothing any more in this process: whatever is asked of it fails at once. Only a new process gets
 * it back, if anything does.
 */
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceLostException(final String message) {
        super(message);
    }

    public DeviceLostException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
