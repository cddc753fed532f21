package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.protocol.BatchRequest;
import org.junit.jupiter.api.Test;

/** What goes on beside a batch: looks at it, other batches, and those who end it. */
class BatchRunTest {
    /** Event loops look. */
    @Test
    void shouldSayHowItStandsWhileItsLinesAreChecked() {
        try (BatchBench bench = new BatchBench()) {
            final String id = bench.batch(bench.file(20_000, "none"));
            long firstNs = 0;
            long longestNs = 0;
            long lastNs = System.nanoTime();
            BatchHead head = bench.find(id);
            while (head.status() == Status.VALIDATING) {
                final long nowNs = System.nanoTime();
                if (firstNs == 0 && BatchBench.count(head, "total") > 0) {
                    firstNs = nowNs;
                } else if (firstNs != 0) {
                    longestNs = Math.max(longestNs, nowNs - lastNs);
                }
                lastNs = nowNs;
                head = bench.find(id);
            }
            final long endNs = System.nanoTime();
            longestNs = Math.max(longestNs, endNs - lastNs);
            assertThat(head.status()).isEqualTo(Status.FAILED);
            assertThat(head.shown().at("/errors/data/0/line").intValue()).isEqualTo(20_001);
            assertThat(longestNs)
                    .as("the longest look, of checks of %d ns", endNs - firstNs)
                    .isLessThan((endNs - firstNs) * 3 / 4);
        }
    }

    @Test
    void shouldStayCancelledWhenItIsCancelledWhileItsLinesAreChecked() {
        try (BatchBench bench = new BatchBench()) {
            final String id = bench.batch(bench.file(20_000));
            assertThat(bench.batches.cancel(BatchBench.TENANT, id).status()).isEqualTo(Status.CANCELLING);
            await("its end").until(() -> bench.status(id).isOver());
            assertThat(bench.status(id)).isEqualTo(Status.CANCELLED);
            assertThat(bench.find(id).shown().get("in_progress_at").isNull()).isTrue();
        }
    }

    /** The next process goes on with what is kept. */
    @Test
    void shouldKeepThatItIsCancelledWhenItsLinesAreFoundGood() {
        try (BatchBench bench = new BatchBench()) {
            final BatchHead head = BatchHead.of(
                    new BatchRequest(bench.file(1), BatchBench.ENDPOINT, "24h", 86_400, null),
                    "1",
                    bench.nowSeconds.get());
            final BatchProgress progress =
                    new BatchProgress(BatchBench.TENANT, head, bench.things, bench.nowSeconds::get);
            assertThat(progress.cancel()).isTrue();
            progress.move(Status.IN_PROGRESS);
            assertThat(bench.status(head.id())).isEqualTo(Status.CANCELLING);
            progress.move(Status.FINALIZING);
            assertThat(progress.cancel()).isFalse();
            assertThat(bench.status(head.id())).isEqualTo(Status.FINALIZING);
            assertThat(progress.isCancelled()).isTrue();
        }
    }
}
