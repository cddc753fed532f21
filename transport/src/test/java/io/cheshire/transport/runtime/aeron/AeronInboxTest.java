package io.cheshire.transport.runtime.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.aeron.ExclusivePublication;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.link.Inbox;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes out of Aeron comes on the thread that polls, on whichever Aeron learnt of it. */
class AeronInboxTest {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final int STREAM = 7;

    private record Gone(int sessionId, Thread thread) {}

    private final List<Gone> gone = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> heard = new ArrayList<>();
    private final Inbox.Sink sink = (sessionId, flags, buffer, offset, length) -> heard.add(sessionId);

    private static TransportConfig config(final Path directory) {
        return SettingReader.read(
                ConfigFactory.parseString("cheshire.transport { term-buffer-bytes = 65536, ipc-mtu-bytes = 8192,"
                                + " udp-mtu-bytes = 1408, driver { mode = thread, directory = \"" + directory
                                + "\" } }")
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve(),
                TransportConfig::from);
    }

    @Test
    void shouldTellOfAnEndedSessionOnThePollingThreadWhenTheClientHasAThreadOfItsOwn(@TempDir final Path home)
            throws InterruptedException {
        final TransportConfig config = config(home);
        try (DataPlane plane = DataPlane.launch(config)) {
            final Inbox inbox = new AeronWire(plane.aeron(), config)
                    .listen(Channels.IPC, STREAM, sessionId -> gone.add(new Gone(sessionId, Thread.currentThread())));
            final ExclusivePublication sender = plane.aeron().addExclusivePublication(Channels.IPC, STREAM);
            final int sessionId = sender.sessionId();
            await("the sender's image").atMost(WAIT).until(() -> inbox.hasImage(sessionId));
            assertThat(sender.offer(new UnsafeBuffer(new byte[64]))).isPositive();
            assertThat(inbox.poll(sink, 10)).isEqualTo(1);

            sender.close();
            await("the end of the image").atMost(WAIT).until(() -> !inbox.hasImage(sessionId));
            // What is asked of Aeron's thread now happens after all that it said of the image.
            conductorHasGoneOn(plane);
            assertThat(gone).isEmpty();

            assertThat(inbox.poll(sink, 10)).isZero();
            assertThat(gone).containsExactly(new Gone(sessionId, Thread.currentThread()));
            assertThat(inbox.poll(sink, 10)).isZero();
            assertThat(gone).hasSize(1);
            assertThat(heard).containsExactly(sessionId);
            inbox.close();
        }
    }

    private static void conductorHasGoneOn(final DataPlane plane) throws InterruptedException {
        final CountDownLatch heard = new CountDownLatch(1);
        plane.aeron().addSubscription(Channels.IPC, STREAM + 1, image -> heard.countDown(), image -> {});
        plane.aeron().addExclusivePublication(Channels.IPC, STREAM + 1);
        assertThat(heard.await(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
