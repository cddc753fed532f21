package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nobody waits for ever for work that Aeron's own thread was given. */
@Timeout(60)
class DataPlaneTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir
    private Path home;

    private DataPlane plane;

    @BeforeEach
    void launch() {
        plane = DataPlane.launch(SettingReader.read(
                ConfigFactory.parseString("cheshire.transport { term-buffer-bytes = 65536, ipc-mtu-bytes = 8192,"
                                + " udp-mtu-bytes = 1408, driver { mode = invoker, directory = \"" + home + "\" } }")
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve(),
                TransportConfig::from));
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private CompletableFuture<String> callElsewhere(final Supplier<String> work) {
        final CompletableFuture<String> answer = new CompletableFuture<>();
        final Thread caller = Thread.ofPlatform().daemon().start(() -> {
            try {
                answer.complete(plane.call(work));
            } catch (final Throwable cause) {
                answer.completeExceptionally(cause);
            }
        });
        // On the answer, that is: what it wants is in the queue.
        await("the caller waits").atMost(WAIT).until(() -> LockSupport.getBlocker(caller) != null);
        return answer;
    }

    @Test
    void shouldAnswerWhenTheWorkIsDone() {
        final CompletableFuture<String> answer =
                callElsewhere(() -> Thread.currentThread().getName());
        plane.doWork();
        assertThat(answer).succeedsWithin(WAIT).isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void shouldTellBothThreadsWhenTheWorkEndsInAnError() {
        final CompletableFuture<String> answer = callElsewhere(() -> {
            throw new AssertionError("a defect");
        });
        assertThatThrownBy(plane::doWork).isInstanceOf(AssertionError.class).hasMessage("a defect");
        assertThat(answer).failsWithin(WAIT).withThrowableThat().withMessageContaining("a defect");
    }

    @Test
    void shouldRefuseWhatWaitsAndWhatComesWhenItIsClosed() {
        final CompletableFuture<String> waiting = callElsewhere(() -> "never");
        plane.close();
        assertThat(waiting).failsWithin(WAIT).withThrowableThat().withMessageContaining("the data plane is closed");
        assertThatThrownBy(() -> plane.call(() -> "never")).hasMessageContaining("the data plane is closed");
    }

    @Test
    void shouldRefuseWhatWaitsWhenItsThreadHasEnded() {
        final CompletableFuture<String> waiting = callElsewhere(() -> "never");
        plane.onClose();
        assertThat(waiting).failsWithin(WAIT).withThrowableThat().withMessageContaining("the data plane is closed");
    }
}
