package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import io.cheshire.testing.ExpectedErrors;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            final BatchProgress progress = bench.progress(bench.file(1));
            assertThat(progress.cancel()).isTrue();
            progress.move(Status.IN_PROGRESS);
            assertThat(bench.status(progress.id())).isEqualTo(Status.CANCELLING);
            progress.move(Status.FINALIZING);
            assertThat(progress.cancel()).isFalse();
            assertThat(bench.status(progress.id())).isEqualTo(Status.FINALIZING);
            assertThat(progress.isCancelled()).isTrue();
        }
    }

    /** As {@code batch-requests} may say. */
    @Test
    void shouldBeginMoreLinesThanAPhaserTakesAtOnce() {
        final int count = 66_000;
        try (BatchBench bench = new BatchBench()) {
            final CountDownLatch all = new CountDownLatch(1);
            bench.before = () -> {
                all.await();
                throw ApiException.of(503, "busy", "later");
            };
            final BatchProgress progress = bench.progress(bench.file(count));
            final Semaphore places = new Semaphore(count);
            final BatchRun run = new BatchRun(progress, bench.things, bench.lines, places, () -> {});
            run.start();
            await("all to be begun").until(() -> places.availablePermits() == 0);
            run.stop();
            all.countDown();
            run.join(10_000);
            assertThat(progress.status()).isEqualTo(Status.IN_PROGRESS);
            assertThat(places.availablePermits()).isEqualTo(count);
        }
    }

    @Test
    void shouldNotBeginABatchThatRuns() {
        try (BatchBench bench = new BatchBench()) {
            final CountDownLatch twice = new CountDownLatch(1);
            bench.before = twice::await;
            final String id = bench.batch(bench.file(4));
            await("a line to be asked").until(() -> bench.asked.get() == 1);
            bench.batches.resume();
            twice.countDown();
            await("its end").until(() -> bench.status(id).isOver());
            bench.batches.close();
            assertThat(bench.status(id)).isEqualTo(Status.COMPLETED);
            assertThat(bench.asked).hasValue(4);
        }
    }

    /** As much of it as this one hadn't done. */
    @Test
    void shouldLeaveABatchToTheNextProcessWhereThisOneCannotListen(@TempDir final Path directory) throws Exception {
        final String id;
        try (BatchBench bench = new BatchBench(config -> config.in(directory))) {
            bench.before = () -> {
                throw ApiException.of(503, "busy", "later");
            };
            id = bench.batch(bench.file(3));
            await("a line to be asked").until(() -> bench.asked.get() > 0);
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new HttpTestServer(
                            config -> config.withStore(config.store().in(directory))
                                    .withPort(taken.getLocalPort()),
                            new ByteText()))
                    .hasMessageContaining("cannot listen");
        }
        try (BatchBench bench = new BatchBench(config -> config.in(directory))) {
            bench.batches.resume();
            await("its end").until(() -> bench.status(id).isOver());
            assertThat(bench.status(id)).isEqualTo(Status.COMPLETED);
        }
    }

    @Test
    void shouldBeginNoMoreThanMayBeOpenWhenManyAskAtOnce() throws Exception {
        try (BatchBench bench = new BatchBench(BatchBench.bounds(1, 1))) {
            bench.before = () -> {
                throw ApiException.of(503, "busy", "later");
            };
            final String file = bench.file(1);
            final AtomicInteger made = new AtomicInteger();
            try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 100; i++) {
                    var _ = askers.submit(() -> {
                        bench.batch(file);
                        return made.incrementAndGet();
                    });
                }
            }
            assertThat(made).hasValue(1);
            assertThat(bench.batches.all(BatchBench.TENANT)).hasSize(1);
            assertThat(bench.things.count(Kind.FILE)).isEqualTo(3);
        }
    }

    @Test
    void shouldFailAndKeepItsAnswersWhenTheFileThatItReadsIsGone() {
        try (BatchBench bench = new BatchBench(BatchBench.bounds(1, 1))) {
            final String file = bench.file(5);
            bench.before = () -> bench.things.delete(Kind.FILE, BatchBench.TENANT, file);
            assertFailed(bench, bench.batch(file), "file_not_found", file);
            assertThat(bench.asked).hasValue(1);
        }
    }

    @Test
    void shouldFailAndKeepItsAnswersWhenTheFileIsGoneAtTheNextStart(@TempDir final Path directory) {
        final String id;
        final String file;
        try (BatchBench bench = new BatchBench(config -> config.in(directory))) {
            file = bench.file(5);
            bench.before = () -> {
                if (bench.asked.get() > 1) {
                    throw ApiException.of(503, "busy", "later");
                }
            };
            id = bench.batch(file);
            await("an answer").until(() -> BatchBench.count(bench.find(id), "failed") == 1);
        }
        try (BatchBench bench = new BatchBench(config -> config.in(directory))) {
            bench.things.delete(Kind.FILE, BatchBench.TENANT, file);
            bench.batches.resume();
            assertFailed(bench, id, "file_not_found", file);
            assertThat(BatchBench.count(bench.find(id), "total")).isEqualTo(5);
        }
    }

    /** With one answer, none of which is lost. */
    private static void assertFailed(final BatchBench bench, final String id, final String code, final String words) {
        await("its end").until(() -> bench.status(id).isOver());
        final BatchHead head = bench.find(id);
        assertThat(head.status()).isEqualTo(Status.FAILED);
        assertThat(head.shown().at("/errors/data")).hasSize(1);
        assertThat(head.shown().at("/errors/data/0/code").textValue()).isEqualTo(code);
        assertThat(head.shown().at("/errors/data/0/message").textValue()).contains(words);
        assertThat(BatchBench.count(head, "failed")).isEqualTo(1);
        assertThat(bench.things
                        .sumOfParts(head.shown().get("error_file_id").textValue())
                        .count())
                .isEqualTo(1);
    }

    @Test
    @ExpectedErrors("a defect of ours")
    void shouldFailWithAWordWhenALineEndsInAWayThatNobodyExpected() {
        try (BatchBench bench = new BatchBench(BatchBench.bounds(1, 1))) {
            bench.before = () -> {
                if (bench.asked.get() > 1) {
                    throw new AssertionError("a defect of ours");
                }
            };
            final String id = bench.batch(bench.file(5));
            assertFailed(bench, id, "internal_error", id);
        }
    }
}
