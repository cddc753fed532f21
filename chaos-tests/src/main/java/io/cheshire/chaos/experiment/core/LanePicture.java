package io.cheshire.chaos.experiment.core;

/** Streams as bars, one row a lane; where no token came for long, a bar is interrupted. */
final class LanePicture {
    private static final double TOP = 4;
    private static final int MOST_LANES = 40;
    private static final double ROW = 11;
    private static final double BAR = 7;
    private static final double SHORTEST_HOLE_MS = 60;

    private LanePicture() {}

    static String of(final ExperimentReport report) {
        final TimeAxis axis = new TimeAxis(report);
        final int lanes = Math.min(
                MOST_LANES,
                report.streams().stream().mapToInt(StreamLine::lane).max().orElse(0) + 1);
        final double bottom = TOP + lanes * ROW;
        final double holeMs = Math.max(SHORTEST_HOLE_MS, 1.5 * report.figures().p99GapMs());
        final StringBuilder svg = new StringBuilder(axis.open(bottom + 20, "streams, one row a lane"));
        svg.append(axis.grid(TOP, bottom));
        for (int lane = 0; lane < lanes; lane += lanes > 12 ? 4 : 1) {
            svg.append(Markup.label(axis.left() - 6, TOP + lane * ROW + 9, "tick back", Integer.toString(lane)));
        }
        for (final StreamLine stream : report.streams()) {
            if (stream.lane() < lanes) {
                svg.append(stream(stream, axis, holeMs));
            }
        }
        return svg.append("</svg>").toString();
    }

    private static String stream(final StreamLine stream, final TimeAxis axis, final double holeMs) {
        final double y = TOP + stream.lane() * ROW + (ROW - BAR) / 2;
        final StringBuilder path = new StringBuilder();
        double fromMs = stream.beganMs();
        double lastMs = stream.beganMs();
        for (final double ms : stream.tokensMs()) {
            if (ms - lastMs > holeMs) {
                bar(path, axis, fromMs, lastMs, y);
                fromMs = ms;
            }
            lastMs = ms;
        }
        bar(path, axis, fromMs, lastMs, y);
        final String style = switch (stream.end()) {
            case SAME -> "same";
            case ALTERED -> "altered";
            case BROKEN -> "broken";
        };
        final String words = "lane " + stream.lane() + ", prompt " + stream.prompt() + ": "
                + stream.tokensMs().size() + " tokens from " + FileTimes.formatMs(stream.beganMs()) + " to "
                + FileTimes.formatMs(stream.lastMs()) + ", " + style
                + (stream.error().isEmpty() ? "" : ": " + stream.error());
        final String outline =
                TimeAxis.line("wait", axis.x(stream.beganMs()), y + BAR / 2, axis.x(stream.lastMs()), y + BAR / 2);
        return outline + Markup.element("path", "class=\"" + style + "\" d=\"" + path + "\"", words);
    }

    /** A hair is left between one stream and the next. */
    private static void bar(
            final StringBuilder path, final TimeAxis axis, final double fromMs, final double toMs, final double y) {
        final double x = axis.x(fromMs);
        final double width = Math.max(1, axis.x(toMs) - x - 0.8);
        path.append('M')
                .append(Markup.number(x))
                .append(' ')
                .append(Markup.number(y))
                .append('h')
                .append(Markup.number(width))
                .append('v')
                .append(Markup.number(BAR))
                .append('h')
                .append(Markup.number(-width))
                .append('z');
    }
}
