package io.cheshire.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Lines of level ERROR that this JVM has logged and that nobody has taken yet. Safe from any thread. */
final class ErrorLog {
    private static final String NAME = "io.cheshire.testing.errors";
    private static final int LINES_KEPT = 1000;

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(final ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR) && lines.size() < LINES_KEPT) {
                lines.add(describe(event));
            }
        }
    };

    /** Watches from now on; again after what configures the log has thrown all appenders out. */
    synchronized void open() {
        final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root.getAppender(NAME) == null) {
            appender.setName(NAME);
            appender.setContext(context);
            appender.start();
            root.addAppender(appender);
        }
    }

    /** Takes all lines out, oldest first, each with its stack trace. */
    List<String> take() {
        final List<String> taken = new ArrayList<>();
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            taken.add(line);
        }
        return taken;
    }

    private static String describe(final ILoggingEvent event) {
        final String trace =
                event.getThrowableProxy() == null ? "" : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
        return event.getLoggerName() + " [" + event.getThreadName() + "]: " + event.getFormattedMessage() + trace;
    }
}
