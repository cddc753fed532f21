package io.cheshire.model.protocol.calibration;

import java.util.List;

/** A calibration can't be used. The message has every problem, one a line, each with what to do. */
public final class CalibrationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CalibrationException(final String what, final List<String> problems) {
        super(problems.isEmpty() ? what : what + ":\n  - " + String.join("\n  - ", problems));
    }
}
