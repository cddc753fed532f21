package io.cheshire.chaos.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Keeps production code silent while it is simulated: thousands of nodes die in a minute. All is as before when it is
 * closed.
 */
public final class SimLogs {
    private static final List<String> SIMULATED =
            List.of("io.cheshire.router", "io.cheshire.expertnode", "io.cheshire.transport", "io.cheshire.coordinator");

    private final Map<Logger, @Nullable Level> before = new LinkedHashMap<>();
    private @Nullable OneThread filter;

    private SimLogs() {}

    /** Silent from now on, on all threads. */
    public static SimLogs silence() {
        final SimLogs logs = new SimLogs();
        SIMULATED.forEach(logs::silence);
        return logs;
    }

    /** Silent from now on, on this thread: others may run the same code in earnest. */
    public static SimLogs silenceThisThread() {
        final SimLogs logs = new SimLogs();
        if (LoggerFactory.getILoggerFactory() instanceof final LoggerContext context) {
            final OneThread filter = new OneThread(Thread.currentThread());
            filter.setContext(context);
            filter.start();
            context.addTurboFilter(filter);
            logs.filter = filter;
        }
        return logs;
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
        if (filter != null && filter.getContext() instanceof final LoggerContext context) {
            context.getTurboFilterList().remove(filter);
        }
    }

    /** Denies what a thread's simulated code says. */
    private static final class OneThread extends TurboFilter {
        private final Thread thread;

        OneThread(final Thread thread) {
            this.thread = thread;
        }

        @Override
        public FilterReply decide(
                final @Nullable Marker marker,
                final Logger logger,
                final Level level,
                final @Nullable String format,
                final Object @Nullable [] parameters,
                final @Nullable Throwable cause) {
            return Thread.currentThread() == thread && SIMULATED.stream().anyMatch(logger.getName()::startsWith)
                    ? FilterReply.DENY
                    : FilterReply.NEUTRAL;
        }
    }
}
