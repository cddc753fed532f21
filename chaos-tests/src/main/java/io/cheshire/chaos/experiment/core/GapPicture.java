package io.cheshire.chaos.experiment.core;

import java.util.List;

/** Every gap between two tokens as a point when it ended, on a logarithmic scale. */
final class GapPicture {
    private static final double TOP = 10;
    private static final double PLOT = 190;
    /** More points show nothing more, and make the page large; the longest are always there. */
    private static final int MOST_POINTS = 1400;

    private GapPicture() {}

    static String of(final ExperimentReport report) {
        final TimeAxis axis = new TimeAxis(report);
        final List<LongGap> gaps = StreamFigures.gaps(report.streams(), -1);
        final double bottom = TOP + PLOT;
        final double shortestMs = gaps.isEmpty() ? 1 : StreamFigures.quantileMs(gaps, 0.01);
        final double low = Math.floor(Math.log10(Math.max(0.1, shortestMs)));
        final double high = Math.max(
                low + 1,
                Math.ceil(Math.log10(gaps.isEmpty() ? 10 : gaps.getFirst().lengthMs())));
        final StringBuilder svg = new StringBuilder(axis.open(bottom + 20, "gaps between tokens over time"));
        svg.append(axis.grid(TOP, bottom));
        for (double decade = low; decade <= high; decade++) {
            final double y = y(Math.pow(10, decade), low, high);
            svg.append(TimeAxis.line("grid", axis.left(), y, axis.right(), y));
            svg.append(Markup.label(axis.left() - 6, y + 4, "tick back", FileTimes.formatMs(Math.pow(10, decade))));
        }
        final int always = MOST_POINTS / 2;
        final int step = Math.max(1, Math.ceilDiv(Math.max(0, gaps.size() - always), MOST_POINTS - always));
        final StringBuilder points = new StringBuilder();
        for (int i = 0; i < gaps.size(); i += i < always ? 1 : step) {
            final LongGap gap = gaps.get(i);
            points.append('M')
                    .append(Markup.number(axis.x(gap.toMs())))
                    .append(' ')
                    .append(Markup.number(y(gap.lengthMs(), low, high)))
                    .append("h0");
        }
        svg.append("<path class=\"points\" d=\"").append(points).append("\"/>");
        for (final StreamLine stream : report.streams()) {
            if (stream.end() != StreamLine.End.SAME) {
                svg.append(Markup.element(
                        "path",
                        "class=\"cross\" transform=\"translate(" + Markup.number(axis.x(stream.lastMs())) + " "
                                + Markup.number(TOP + 6) + ")\" d=\"M-4-4L4 4M4-4L-4 4\"",
                        "stream of lane " + stream.lane() + ": " + stream.end() + " " + stream.error()));
            }
        }
        if (report.figures().faultFreeGapMs() > 0) {
            final double y = y(report.figures().faultFreeGapMs(), low, high);
            svg.append(TimeAxis.line("level", axis.left(), y, axis.right(), y));
            svg.append(Markup.label(axis.right() - 4, y - 5, "note back", "longest without faults"));
        }
        return svg.append("</svg>").toString();
    }

    private static double y(final double ms, final double low, final double high) {
        final double share = (Math.log10(Math.max(1e-3, ms)) - low) / (high - low);
        return TOP + PLOT * (1 - Math.clamp(share, 0, 1));
    }
}
