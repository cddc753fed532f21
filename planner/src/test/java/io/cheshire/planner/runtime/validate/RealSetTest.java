package io.cheshire.planner.runtime.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.testing.PlannerSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A set of cells against a server that answers everything in no time. */
class RealSetTest {
    private static final long PROBE_NS = 100_000_000;
    private static final Calibration CALIBRATION = calibration();
    private static final KneeFinder.Lengths RUNS = new KneeFinder.Lengths(2, 10, 20);

    @TempDir
    private Path directory = Path.of("");

    private final Deque<Long> probesNs = new ArrayDeque<>();
    private final List<ValidationCell> kept = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private int started;
    private int runs;

    private static Calibration calibration() {
        final Calibration assumed = PlannerSamples.calibration(2);
        return new Calibration(
                Calibration.FORMAT,
                assumed.origin(),
                assumed.fits(),
                assumed.spreads(),
                20_000,
                List.of(),
                new Calibration.Evidence(Map.of(), List.of((double) PROBE_NS), Map.of()));
    }

    /** Two tokens, at once. */
    private final class Quick implements LiveServer {
        @Override
        public CellOutcome run(final RequestStream requests) {
            assertThat(predictions())
                    .as("all is predicted before the first measurement")
                    .isEqualTo(4);
            runs++;
            final CellOutcome outcome = new CellOutcome(requests.size());
            for (int i = 0; i < requests.size(); i++) {
                final long at = requests.arrivalNs(i);
                outcome.admitted(at);
                outcome.firstToken(i, at, at);
                outcome.nextToken(1, at, 0);
                outcome.finished(i, at, at, at);
            }
            return outcome;
        }

        @Override
        public void close() {}
    }

    private long predictions() {
        try (Stream<Path> files = Files.list(directory.resolve("runs"))) {
            return files.count();
        } catch (final IOException none) {
            return 0;
        }
    }

    private int measure(final double minutes, final boolean again) throws IOException, InterruptedException {
        final RealCells cells = RealCells.of(
                List.of(new Deployment(1, false, 1), new Deployment(2, true, 2)),
                List.of(new LiveWorkload.Even(8, 4)),
                List.of(new RealCells.Share(0.5, 0), new RealCells.Share(1.2, 0)),
                RUNS,
                1);
        return new RealSet(
                        CALIBRATION,
                        "c",
                        Path.of("."),
                        new RealSet.Machine(
                                (deployment, model, same) -> {
                                    started++;
                                    return new Quick();
                                },
                                () -> probesNs.isEmpty() ? PROBE_NS : probesNs.removeFirst()),
                        new RealSet.Store(directory, this::keep),
                        new RealSet.Limits(1, minutes, 0, again),
                        said::add)
                .run(cells);
    }

    private void keep(final List<ValidationCell> cells) throws IOException {
        for (final ValidationCell cell : cells) {
            kept.add(cell);
            ValidationStore.add(directory, cell);
        }
    }

    @Test
    void shouldMeasureEachCellOnceAndAgainOnlyWhenAsked() throws IOException, InterruptedException {
        assertThat(measure(60, false)).isEqualTo(4);
        assertThat(kept.stream().map(ValidationCell::scenario).distinct()).hasSize(4);
        assertThat(started).as("a server for each deployment").isEqualTo(2);
        final int before = runs;

        assertThat(measure(60, false)).isZero();
        assertThat(runs).isEqualTo(before);

        assertThat(measure(60, true)).isEqualTo(4);
    }

    /** A block between whose probes the machine changed its speed is run again, and its times are nobody's. */
    @Test
    void shouldCountOnlyBlocksInWhichTheMachineHeldItsSpeed() throws IOException, InterruptedException {
        probesNs.addAll(List.of(PROBE_NS, 2 * PROBE_NS, PROBE_NS));

        assertThat(measure(60, false)).isEqualTo(4);

        assertThat(kept.getFirst().note()).contains("1 of 2 blocks steady");
        assertThat(kept.getLast().note()).contains("1 of 1 blocks steady");
    }

    @Test
    void shouldBeginNoFurtherCellWhenItsTimeIsOver() throws IOException, InterruptedException {
        assertThat(measure(0, false)).isZero();

        assertThat(started).isZero();
        assertThat(predictions()).isEqualTo(4);
    }
}
