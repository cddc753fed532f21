package io.cheshire.chaos.experiment.core;

import java.util.List;

/** The axis that all pictures of a report share, with the faults shaded behind whatever is drawn on it. */
final class TimeAxis {
    static final double WIDTH = 1000;
    private static final double LEFT = 58;
    private static final double RIGHT = 12;
    private static final double[] STEPS_MS = {
        100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000
    };
    private static final int MOST_TICKS = 14;
    /** An instant must be seen, too. */
    private static final double THINNEST = 2.5;

    private final double endMs;
    private final ExperimentReport report;

    TimeAxis(final ExperimentReport report) {
        this.report = report;
        final double lastMs =
                report.streams().stream().mapToDouble(StreamLine::lastMs).max().orElse(0);
        final double shownMs = Math.max(report.loadMs(), lastMs);
        final double markMs = report.marks().stream()
                .filter(mark -> mark.kind() == RunMark.Kind.WHOLE)
                .mapToDouble(RunMark::atMs)
                .max()
                .orElse(0);
        // What comes much later would squeeze all else; it is in the list of moments.
        this.endMs = Math.max(1, markMs <= 2.5 * shownMs ? Math.max(shownMs, markMs * 1.01) : shownMs);
    }

    double endMs() {
        return endMs;
    }

    double left() {
        return LEFT;
    }

    double right() {
        return WIDTH - RIGHT;
    }

    double x(final double ms) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.clamp(ms / endMs, 0, 1);
    }

    /** Opens a picture of this height. */
    String open(final double height, final String what) {
        return "<svg viewBox=\"0 0 " + Markup.number(WIDTH) + " " + Markup.number(height)
                + "\" role=\"img\" aria-label=\"" + Markup.escape(what) + "\">";
    }

    /** Regions of faults, the load's end and the ticks, between two heights. */
    String grid(final double top, final double bottom) {
        final StringBuilder svg = new StringBuilder();
        for (final FaultRegion fault : report.faults()) {
            final double x = x(fault.fromMs());
            final double width = Math.max(THINNEST, x(fault.toMs()) - x);
            svg.append(Markup.element(
                    "rect",
                    "class=\"" + (fault.toMs() > fault.fromMs() ? "fault" : "instant") + "\" x=\"" + Markup.number(x)
                            + "\" y=\"" + Markup.number(top) + "\" width=\"" + Markup.number(width) + "\" height=\""
                            + Markup.number(bottom - top) + "\"",
                    fault.words()));
        }
        final double stepMs = stepMs();
        for (double ms = 0; ms <= endMs + 1; ms += stepMs) {
            svg.append(line("grid", x(ms), top, x(ms), bottom));
            svg.append(Markup.label(x(ms), bottom + 14, "tick mid", seconds(ms)));
        }
        svg.append(line("end", x(report.loadMs()), top, x(report.loadMs()), bottom));
        return svg.toString();
    }

    private double stepMs() {
        for (final double step : STEPS_MS) {
            if (endMs / step <= MOST_TICKS) {
                return step;
            }
        }
        return endMs;
    }

    private static String seconds(final double ms) {
        final double seconds = ms / 1000;
        return (seconds == Math.rint(seconds) ? Long.toString(Math.round(seconds)) : Double.toString(seconds)) + " s";
    }

    static String line(final String style, final double x1, final double y1, final double x2, final double y2) {
        return "<line class=\"" + style + "\" x1=\"" + Markup.number(x1) + "\" y1=\"" + Markup.number(y1) + "\" x2=\""
                + Markup.number(x2) + "\" y2=\"" + Markup.number(y2) + "\"/>";
    }

    /** Words of each fault above a picture, each on a row of its own where they would run into each other. */
    String captions(final double bottom, final double rowHeight) {
        final StringBuilder svg = new StringBuilder();
        int row = 0;
        for (final FaultRegion fault : report.faults()) {
            final double x = x(fault.fromMs());
            final boolean fromTheRight = x > WIDTH * 0.65;
            svg.append(Markup.label(
                    x, bottom - row * rowHeight, fromTheRight ? "caption back" : "caption", fault.words()));
            row++;
        }
        return svg.toString();
    }

    List<RunMark> shownMarks() {
        return report.marks().stream().filter(mark -> mark.atMs() <= endMs).toList();
    }
}
