package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
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
}
