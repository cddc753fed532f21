package io.cheshire.planner.core.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LoadJudgeTest {
    private static final long MS = 1_000_000;
    private static final int COUNT = 90;
    private static final RequestStream REQUESTS = requests();

    private static RequestStream requests() {
        final long[] arrivals = new long[COUNT];
        Arrays.setAll(arrivals, i -> 100 * MS * i);
        final int[] tokens = new int[COUNT];
        Arrays.fill(tokens, 1);
        return new RequestStream(arrivals, tokens, tokens);
    }

    /** How long a request waits before its 20 ms of work. */
    private interface Wait {
        long ms(int request);
    }

    private static LoadState after(final Wait wait) {
        final CellOutcome outcome = new CellOutcome(COUNT);
        for (int i = 0; i < COUNT; i++) {
            final long arrival = REQUESTS.arrivalNs(i);
            final long seen = arrival + (20 + wait.ms(i)) * MS;
            outcome.admitted(arrival);
            outcome.firstToken(i, arrival, seen);
            outcome.finished(i, arrival, arrival, seen);
        }
        return LoadJudge.state(REQUESTS, outcome);
    }

    @Test
    void shouldCallALoadStableWhenRequestsHardlyWait() {
        assertThat(after(i -> i % 3)).isEqualTo(LoadState.STABLE);
    }

    @Test
    void shouldCallItABacklogWhenTheyWaitLongerThanIsWorkedOnThem() {
        assertThat(after(i -> i % 2 == 0 ? 0 : 90)).isEqualTo(LoadState.BACKLOGGED);
    }

    @Test
    void shouldCallItOverloadedWhenEachWaitsLongerThanTheOneBefore() {
        assertThat(after(i -> 60L * i)).isEqualTo(LoadState.OVERLOADED);
    }

    @Test
    void shouldCallItOverloadedWhenRequestsAreTurnedAway() {
        final CellOutcome outcome = new CellOutcome(COUNT);
        for (int i = 0; i < COUNT; i++) {
            if (i % 20 == 0) {
                outcome.rejected(i, REQUESTS.arrivalNs(i));
            } else {
                outcome.admitted(REQUESTS.arrivalNs(i));
                outcome.firstToken(i, REQUESTS.arrivalNs(i), REQUESTS.arrivalNs(i) + MS);
                outcome.finished(i, REQUESTS.arrivalNs(i), REQUESTS.arrivalNs(i), REQUESTS.arrivalNs(i) + MS);
            }
        }

        assertThat(LoadJudge.state(REQUESTS, outcome)).isEqualTo(LoadState.OVERLOADED);
    }
}
