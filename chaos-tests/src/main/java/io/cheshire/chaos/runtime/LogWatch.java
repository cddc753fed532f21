package io.cheshire.chaos.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * Keeps every line of level ERROR that this JVM logs while it is open: a system that works as intended logs none. Netty
 * reports leaked buffers at this level too. Safe from any thread.
 */
public final class LogWatch implements AutoCloseable {
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Logger root;
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(final ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                errors.add(describe(event));
            }
        }
    };

    private LogWatch(final Logger root) {
        this.root = root;
    }

    /** Watches from now on. */
    public static LogWatch open() {
        final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        final LogWatch watch = new LogWatch(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
        watch.appender.setContext(context);
        watch.appender.start();
        watch.root.addAppender(watch.appender);
        return watch;
    }

    /** Lines seen so far, with their stack traces. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    private static String describe(final ILoggingEvent event) {
        final String trace =
                event.getThrowableProxy() == null ? "" : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
        return event.getLoggerName() + ": " + event.getFormattedMessage() + trace;
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
    }
}
