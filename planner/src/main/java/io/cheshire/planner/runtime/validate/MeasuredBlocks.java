package io.cheshire.planner.runtime.validate;

import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.validation.ValidationCell;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Blocks of {@code probe, A, probe, B, probe}: A and B are the same run twice, so that what differs between them is the
 * machine's noise, below which no error can be told. A block counts if the machine's speed held still during it; its
 * times are divided by that speed. One that doesn't is run again, as often as there were to be blocks.
 */
final class MeasuredBlocks {
    /** A speed that moved more than this spoils a block. */
    private static final double STEADY = 0.05;

    private static final double LIMIT = 0.05;
    private static final double TTFT_MS = 10;
    private static final double MEDIAN = 0.5;

    private final LongSupplier probeNs;
    private final double usualProbeNs;
    private final Consumer<String> progress;

    /**
     * @param probeNs      the time of the same work now
     * @param usualProbeNs the probe's time when the machine was calibrated
     */
    MeasuredBlocks(final LongSupplier probeNs, final double usualProbeNs, final Consumer<String> progress) {
        this.probeNs = probeNs;
        this.usualProbeNs = usualProbeNs;
        this.progress = progress;
    }

    /** A run of the scenario. */
    @FunctionalInterface
    interface Run {
        ComparedFigures run() throws InterruptedException;
    }

    /** One block: two runs, raw, and the machine's speed during each against that of its calibration. */
    private record Block(Timed a, Timed b, double unsteady) {
        boolean counts() {
            return unsteady <= STEADY;
        }
    }

    private record Timed(ComparedFigures raw, double speed) {
        double at(final String figure, final boolean normalised) {
            return (normalised ? raw.atSpeed(speed) : raw).figure(figure);
        }
    }

    /** What was measured of a scenario. */
    record Measured(List<ValidationCell> cells, int counting) {
        boolean counts() {
            return counting > 0;
        }
    }

    /**
     * Measures.
     *
     * @param wanted blocks that count; twice as many are run at most
     */
    Measured measure(
            final String words, final ComparedFigures predicted, final Note note, final int wanted, final Run run)
            throws InterruptedException {
        final List<Block> blocks = new ArrayList<>();
        int counting = 0;
        while (counting < wanted && blocks.size() < 2 * wanted) {
            final Block block = block(run);
            blocks.add(block);
            counting += block.counts() ? 1 : 0;
            progress.accept(String.format(
                    Locale.ROOT,
                    "  block %d: the machine's speed moved by %.1f %%%s; mean E2E %.4g and %.4g ms",
                    blocks.size(),
                    100 * block.unsteady(),
                    block.counts() ? "" : ", it doesn't count",
                    block.a().at("mean E2E, ms", false),
                    block.b().at("mean E2E, ms", false)));
        }
        return new Measured(cells(words, predicted, note, blocks), counting);
    }

    private Block block(final Run run) throws InterruptedException {
        final double before = probeNs.getAsLong();
        final ComparedFigures a = run.run();
        final double between = probeNs.getAsLong();
        final ComparedFigures b = run.run();
        final double after = probeNs.getAsLong();
        final double least = Math.min(before, Math.min(between, after));
        final double most = Math.max(before, Math.max(between, after));
        return new Block(
                new Timed(a, 2 * usualProbeNs / (before + between)),
                new Timed(b, 2 * usualProbeNs / (between + after)),
                most / least - 1);
    }

    /**
     * What else stands beside each figure.
     *
     * @param hash   of the prediction
     * @param judged whether a limit applies
     */
    record Note(String hash, boolean judged) {}

    private static List<ValidationCell> cells(
            final String words, final ComparedFigures predicted, final Note note, final List<Block> blocks) {
        final List<Block> counting = blocks.stream().filter(Block::counts).toList();
        final List<Block> used = counting.isEmpty() ? blocks : counting;
        final List<ValidationCell> cells = new ArrayList<>();
        for (final String figure : predicted.byName().keySet()) {
            final List<Double> all = new ArrayList<>();
            final List<Double> raw = new ArrayList<>();
            final List<Double> noise = new ArrayList<>();
            for (final Block block : used) {
                final double a = block.a().at(figure, true);
                final double b = block.b().at(figure, true);
                all.add((a + b) / 2);
                raw.add((block.a().at(figure, false) + block.b().at(figure, false)) / 2);
                noise.add(a == b ? 0 : Math.abs(a / b - 1));
            }
            final double measured = Statistics.quantile(all, MEDIAN);
            final double limit = figure.contains("TTFT") ? Math.max(LIMIT, TTFT_MS / measured) : LIMIT;
            cells.add(new ValidationCell(
                    "V4",
                    words,
                    figure,
                    measured,
                    predicted.figure(figure),
                    note.judged() ? limit : ValidationCell.NOT_JUDGED,
                    String.format(
                            Locale.ROOT,
                            "%sA/A %.1f %%, %d of %d blocks steady, raw %+.1f %%, sha-256 %s",
                            cells.isEmpty() ? states(predicted, used) : "",
                            100 * Statistics.quantile(noise, MEDIAN),
                            counting.size(),
                            blocks.size(),
                            100 * (predicted.figure(figure) / Statistics.quantile(raw, MEDIAN) - 1),
                            note.hash())));
        }
        return cells;
    }

    private static String states(final ComparedFigures predicted, final List<Block> used) {
        final long alike = used.stream()
                .filter(block -> block.a().raw().state() == predicted.state())
                .count();
        return predicted.state() + " predicted, seen in " + alike + " of " + used.size() + " blocks; ";
    }
}
