package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an agent's failure does to its process (F8, F9). */
@Timeout(60)
class AgentGroupTest {
    /** Fails in its first duty cycle. */
    private static final class Failing implements Agent {
        private final Throwable cause;
        private final CountDownLatch cycles = new CountDownLatch(2);

        Failing(final Throwable cause) {
            this.cause = cause;
        }

        @Override
        public int doWork() throws Exception {
            cycles.countDown();
            if (cycles.getCount() == 0) {
                return 0;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw (Exception) cause;
        }

        @Override
        public String roleName() {
            return "failing";
        }
    }

    @Test
    @ExpectedErrors("an agent failed in its duty cycle and goes on")
    void shouldCountAndGoOnWhenADefectLeavesADutyCycle() throws Exception {
        final CompletableFuture<Throwable> end = new CompletableFuture<>();
        final Failing agent = new Failing(new IllegalStateException("as asked for"));
        try (AgentGroup group =
                new AgentGroup(ThreadSharing.SHARED, TransportConfig.Idle.BACKOFF, Instruments.NONE, end::complete)) {
            group.add(agent);

            assertThat(agent.cycles.await(20, TimeUnit.SECONDS))
                    .as("it goes on")
                    .isTrue();
            assertThat(group.errorCount()).isEqualTo(1);
        }
        assertThat(end).isNotDone();
    }

    @Test
    void shouldEndTheProcessWhenTheJvmIsBroken() throws Exception {
        final CompletableFuture<Throwable> end = new CompletableFuture<>();
        final InternalError cause = new InternalError("as asked for");
        try (AgentGroup group = new AgentGroup(
                ThreadSharing.DEDICATED, TransportConfig.Idle.BACKOFF, Instruments.NONE, end::complete)) {
            group.add(new Failing(cause));

            assertThat(end.get(20, TimeUnit.SECONDS)).isSameAs(cause);
        }
    }
}
