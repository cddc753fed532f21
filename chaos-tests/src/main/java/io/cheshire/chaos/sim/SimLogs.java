package io.cheshire.chaos.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Keeps production code silent while it is simulated: thousands of nodes die in a minute. Restores the levels when
 * closed.
 */
public final class SimLogs {
    private final Map<Logger, @Nullable Level> before = new LinkedHashMap<>();

    private SimLogs() {
        silence("io.cheshire.router");
        silence("io.cheshire.expertnode");
        silence("io.cheshire.transport");
        silence("io.cheshire.coordinator");
    }

    /** Silent from now on. */
    public static SimLogs silence() {
        return new SimLogs();
    }

    private void silence(final String name) {
        if (LoggerFactory.getLogger(name) instanceof final Logger logger) {
            before.put(logger, logger.getLevel());
            logger.setLevel(Level.OFF);
        }
    }

    /** The levels are as before. */
    public void close() {
        before.forEach(Logger::setLevel);
    }
}
