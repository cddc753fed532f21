package io.cheshire.ops.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;

/** Nobody reads the log (F42): who writes it goes on, and what was dropped is counted and said. */
@Timeout(60)
class StandardErrorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Some 100 bytes each, so several times what the queue holds. */
    private static final int LINES = 50_000;

    private final PrintStream before = System.err;
    private final BlockedPipe pipe = new BlockedPipe();
    private final StandardError error = new StandardError(pipe);

    /** A pipe whose reader stands still until it is told to read. */
    private static final class BlockedPipe extends OutputStream {
        private final CountDownLatch isRead = new CountDownLatch(1);
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();

        @Override
        public void write(final int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) throws IOException {
            try {
                isRead.await();
            } catch (final InterruptedException ended) {
                throw new IOException(ended);
            }
            text.write(bytes, offset, length);
        }

        String text() {
            return text.toString(StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void install() {
        error.startWriting();
        System.setErr(error.stream());
    }

    @AfterEach
    void restore() {
        System.setErr(before);
        pipe.isRead.countDown();
    }

    /** As the product logs, into a context of the test's own. */
    private static Logger productLog(final LoggerContext context) throws JoranException {
        context.setMDCAdapter(new LogbackMDCAdapter()); // a context without one appends nothing
        final JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(StandardErrorTest.class.getResource("/logback.xml"));
        return context.getLogger("io.cheshire.test");
    }

    @Test
    void shouldGoOnAndSayWhatWasDroppedWhenNobodyReadsTheLog() throws Exception {
        final LoggerContext context = new LoggerContext();
        final Logger log = productLog(context);

        final CompletableFuture<Void> agent = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < LINES; i++) {
                log.warn("line {} of an agent that has tokens to think of, and can't wait for whoever reads this", i);
            }
            System.err.println("Draining: a command's own words don't wait either");
        });
        agent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        final long dropped = error.droppedLines();
        assertThat(dropped).as("lines beyond the queue").isGreaterThan(LINES / 2);
        pipe.isRead.countDown();
        assertThat(error.drain(PATIENCE)).as("what was kept is written").isTrue();
        log.warn("the last line");
        assertThat(error.drain(PATIENCE)).isTrue();
        assertThat(pipe.text())
                .contains("line 0 of an agent", "\n" + dropped + " lines were dropped here", "the last line\n")
                .hasLineCount(Math.toIntExact(LINES + 1 - dropped + 2));
        context.stop();
    }

    @Test
    void shouldWriteAllInOrderWhenItIsRead() {
        pipe.isRead.countDown();
        final StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            System.err.println("line " + i);
            expected.append("line ").append(i).append('\n');
        }

        assertThat(error.drain(PATIENCE)).isTrue();
        assertThat(pipe.text()).isEqualTo(expected.toString());
        assertThat(error.droppedLines()).isZero();
    }

    @Test
    void shouldEndInTimeWhenNobodyReadsTheLastWords() {
        System.err.println("Stopped.");

        assertThat(error.drain(Duration.ofMillis(20))).isFalse();
    }
}
