package io.cheshire.chaos.experiment.core;

import java.util.Locale;

/** Tokens a second over time, with what happened on a strip above. */
final class RatePicture {
    private static final double PLOT = 190;
    private static final double ROW = 13;
    private static final double STRIP = 22;
    private static final int BINS = 120;
    private static final double SHORTEST_BIN_MS = 100;

    private RatePicture() {}

    static String of(final ExperimentReport report) {
        final TimeAxis axis = new TimeAxis(report);
        final double captions = ROW * Math.max(1, report.faults().size()) + 4;
        final double top = captions + STRIP + 6;
        final double bottom = top + PLOT;
        final double[] perSecond = rates(report, axis);
        double most = report.figures().faultFreePerSecond();
        for (final double rate : perSecond) {
            most = Math.max(most, rate);
        }
        final double scale = niceAbove(most);
        final StringBuilder svg = new StringBuilder(axis.open(bottom + 20, "tokens a second over time"));
        svg.append(axis.grid(captions, bottom));
        svg.append(axis.captions(captions - 4, ROW));
        svg.append(strip(axis, captions + STRIP / 2));
        for (int i = 0; i <= 4; i++) {
            final double y = bottom - PLOT * i / 4;
            svg.append(TimeAxis.line("grid", axis.left(), y, axis.right(), y));
            svg.append(Markup.label(axis.left() - 6, y + 4, "tick back", number(scale * i / 4)));
        }
        svg.append(curve(perSecond, axis, bottom, scale));
        final double level = bottom - PLOT * report.figures().faultFreePerSecond() / scale;
        svg.append(TimeAxis.line("level", axis.left(), level, axis.right(), level));
        svg.append(Markup.label(axis.right() - 4, level - 5, "note back", "without faults"));
        return svg.append("</svg>").toString();
    }

    private static String number(final double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static double niceAbove(final double value) {
        final double magnitude = Math.pow(10, Math.floor(Math.log10(Math.max(1, value))));
        for (final double step : new double[] {1, 1.5, 2, 3, 4, 5, 6, 8}) {
            if (value * 1.05 <= step * magnitude) {
                return step * magnitude;
            }
        }
        return 10 * magnitude;
    }

    private static double binMs(final TimeAxis axis) {
        return Math.max(SHORTEST_BIN_MS, axis.endMs() / BINS);
    }

    private static double[] rates(final ExperimentReport report, final TimeAxis axis) {
        final double binMs = binMs(axis);
        final double[] counts = new double[(int) Math.ceil(axis.endMs() / binMs)];
        for (final StreamLine stream : report.streams()) {
            for (final double ms : stream.tokensMs()) {
                final int bin = (int) (ms / binMs);
                if (bin >= 0 && bin < counts.length) {
                    counts[bin] += 1000 / binMs;
                }
            }
        }
        return counts;
    }

    private static String curve(
            final double[] perSecond, final TimeAxis axis, final double bottom, final double scale) {
        final double binMs = binMs(axis);
        final StringBuilder path = new StringBuilder("M" + Markup.number(axis.x(0)) + " " + Markup.number(bottom));
        for (int i = 0; i < perSecond.length; i++) {
            final String y = Markup.number(bottom - PLOT * perSecond[i] / scale);
            path.append('L')
                    .append(Markup.number(axis.x(i * binMs)))
                    .append(' ')
                    .append(y);
            path.append('L')
                    .append(Markup.number(axis.x((i + 1) * binMs)))
                    .append(' ')
                    .append(y);
        }
        path.append('L').append(Markup.number(axis.x(axis.endMs()))).append(' ').append(Markup.number(bottom));
        return "<path class=\"rate\" d=\"" + path + "Z\"/>";
    }

    /** One sign a moment; what a sign means is below the picture, what happened is its tip. */
    private static String strip(final TimeAxis axis, final double y) {
        final StringBuilder svg = new StringBuilder();
        for (final RunMark mark : axis.shownMarks()) {
            final String x = Markup.number(axis.x(mark.atMs()));
            final String tip = FileTimes.formatMs(mark.atMs()) + ": " + mark.text();
            // What was noticed often leads to an epoch at the same moment.
            final double row = mark.kind() == RunMark.Kind.DETECTED ? y - 6 : y + 5;
            final String at = "transform=\"translate(" + x + " " + Markup.number(row) + ")\"";
            switch (mark.kind()) {
                case DETECTED ->
                    svg.append(Markup.element("path", "class=\"detected\" " + at + " d=\"M0-5L5 4H-5Z\"", tip));
                case PUBLISHED ->
                    svg.append(Markup.element(
                            "rect",
                            "class=\"published\" " + at + " x=\"-4\" y=\"-4\" width=\"8\" " + "height=\"8\"",
                            tip));
                case WHOLE -> svg.append(Markup.element("circle", "class=\"whole\" " + at + " r=\"5\"", tip));
                case FAULT, HEALED, DECIDED -> {
                    // Faults are shaded; all else is in the list of moments.
                }
            }
        }
        return svg.toString();
    }
}
