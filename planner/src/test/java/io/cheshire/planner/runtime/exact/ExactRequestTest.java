package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.router.core.GenerationListener.FinishReason;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ExactRequestTest {
    private static final long MS = 1_000_000;

    /** A token a millisecond; the answer's beginning takes three, any other token's way half of one. */
    @Test
    void shouldReadTokensTogetherThatWereDrawnWhileTheAnswerBegan() {
        final AtomicLong nowNs = new AtomicLong();
        final CellOutcome outcome = new CellOutcome(1);
        final ExactRequest request =
                new ExactRequest(0, 0, 0, 6, outcome, new ExactRequest.Stream(nowNs::get, 3 * MS, MS / 2), () -> {});
        outcome.admitted(0);

        for (int token = 0; token < 6; token++) {
            nowNs.set(token * MS);
            request.onToken(token, 1, null);
        }
        request.onFinished(FinishReason.LENGTH);

        // Tokens 0, 1 and 2 at 3 ms, then at 3.5, 4.5 and 5.5 ms.
        assertThat(outcome.ttft().getMean()).isCloseTo(3.0 * MS, within(0.01 * MS));
        assertThat(outcome.itl().getCountAtValue(0)).isEqualTo(2);
        assertThat(outcome.itl().getMean()).isCloseTo(0.5 * MS, within(0.01 * MS));
        assertThat(outcome.e2e().getMean()).isCloseTo(5.5 * MS, within(0.01 * MS));
    }
}
