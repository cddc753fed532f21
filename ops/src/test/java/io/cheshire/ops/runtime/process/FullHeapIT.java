package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.runtime.TransportConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a full heap does to a process (F8). */
@Timeout(60)
class FullHeapIT {
    @Test
    void shouldExitWithItsOwnStatusWhenTheHeapIsFull() throws Exception {
        final Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullHeap.class.getName())
                .redirectErrorStream(true)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as("%s", said).isEqualTo(AgentGroup.FATAL_STATUS);
    }

    /** A process whose agent takes memory until there is none. */
    static final class FullHeap implements Agent {
        private static final int PIECE_BYTES = 1 << 20;

        private final List<byte[]> taken = new ArrayList<>();

        public static void main(final String[] args) throws InterruptedException {
            try (AgentGroup group =
                    new AgentGroup(ThreadSharing.DEDICATED, TransportConfig.Idle.BACKOFF, Instruments.NONE)) {
                group.add(new FullHeap());
                new CountDownLatch(1).await();
            }
        }

        @Override
        public int doWork() {
            taken.add(new byte[PIECE_BYTES]);
            return 1;
        }

        @Override
        public String roleName() {
            return "full-heap";
        }
    }
}
