package io.cheshire.planner.core.report;

import io.cheshire.chaos.experiment.core.Markup;
import io.cheshire.planner.core.outcome.DeviceUse;
import io.cheshire.planner.core.outcome.RunPictures;
import java.util.List;
import java.util.Locale;

/** Pictures of a simulated run, as SVG: the same figures stand in tables below them. */
final class RunSvg {
    private static final double LEFT = 70;
    private static final double RIGHT = 990;
    private static final double HEIGHT = 240;
    private static final double CELL = 14;
    private static final double DECADE = 10;
    private static final List<String> INKS = List.of("line", "line second", "line third");

    private RunSvg() {}

    /** Distributions of latencies over the logarithm of time. */
    static String cdf(final List<RunPictures.Cdf> latencies) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (final RunPictures.Cdf each : latencies) {
            for (final RunPictures.Point point : each.points()) {
                least = Math.min(least, Math.max(1e-3, point.ms()));
                most = Math.max(most, point.ms());
            }
        }
        if (most == 0) {
            return "<p>No request had a token.</p>";
        }
        final double from = Math.floor(Math.log10(least));
        final double to = Math.max(from + 1, Math.ceil(Math.log10(most)));
        final StringBuilder svg = AnswerPictures.open(
                HEIGHT + 44,
                "how many of all were at most so long, by time to the first token,"
                        + " time between tokens, and time until the end");
        for (int i = 0; i <= 4; i++) {
            final double y = HEIGHT - (HEIGHT - 20) * i / 4;
            svg.append(AnswerPictures.line("grid", LEFT, y, RIGHT, y));
            svg.append(Markup.label(LEFT - 6, y + 4, "tick back", 25 * i + " %"));
        }
        for (double power = from; power <= to; power++) {
            final double x = LEFT + (RIGHT - LEFT) * (power - from) / (to - from);
            svg.append(AnswerPictures.line("grid", x, 20, x, HEIGHT));
            svg.append(Markup.label(x, HEIGHT + 16, "tick mid", Figures.ms(Math.pow(DECADE, power))));
        }
        for (int i = 0; i < latencies.size(); i++) {
            svg.append(path(latencies.get(i), INKS.get(i % INKS.size()), from, to));
            svg.append(AnswerPictures.line(
                    INKS.get(i % INKS.size()), LEFT + 120.0 * i, HEIGHT + 36, LEFT + 24 + 120.0 * i, HEIGHT + 36));
            svg.append(Markup.label(
                    LEFT + 30 + 120.0 * i, HEIGHT + 40, "tick", latencies.get(i).name()));
        }
        return svg.append("</svg>").toString();
    }

    private static String path(final RunPictures.Cdf cdf, final String ink, final double from, final double to) {
        final StringBuilder path = new StringBuilder();
        for (final RunPictures.Point point : cdf.points()) {
            final double power = Math.log10(Math.max(1e-3, point.ms()));
            path.append(path.isEmpty() ? "M" : "L")
                    .append(Markup.number(LEFT + (RIGHT - LEFT) * (power - from) / (to - from)))
                    .append(' ')
                    .append(Markup.number(HEIGHT - (HEIGHT - 20) * point.share()));
        }
        return "<path class=\"" + ink + "\" d=\"" + path + "\"><title>" + Markup.escape(cdf.name()) + "</title></path>";
    }

    /** Devices over time, the darker the busier. */
    static String use(final DeviceUse use) {
        final int bins =
                use.devices().isEmpty() ? 0 : use.devices().getFirst().busy().size();
        final StringBuilder svg = AnswerPictures.open(
                CELL * use.devices().size() + 24, "how busy each device was over time, in a table below");
        final double width = (RIGHT - LEFT) / Math.max(1, bins);
        for (int row = 0; row < use.devices().size(); row++) {
            final DeviceUse.Device device = use.devices().get(row);
            svg.append(Markup.label(LEFT - 6, CELL * row + 11, "tick back", device.name()));
            for (int bin = 0; bin < bins; bin++) {
                final double busy = device.busy().get(bin);
                if (busy > 0) {
                    svg.append(cell(
                            LEFT + width * bin,
                            CELL * row,
                            width,
                            busy,
                            device.name() + ", " + Figures.seconds(bin * use.binSeconds()) + ": "
                                    + Figures.percent(busy) + " busy"));
                }
            }
        }
        for (int i = 0; i <= 4; i++) {
            svg.append(Markup.label(
                    LEFT + (RIGHT - LEFT) * i / 4,
                    CELL * use.devices().size() + 16,
                    i == 4 ? "tick back" : "tick mid",
                    Figures.seconds(bins * use.binSeconds() * i / 4)));
        }
        return svg.append("</svg>").toString();
    }

    /** Rows by layer and expert: half as dark as can be is a mean one of its layer. */
    static String experts(final List<List<Long>> rows) {
        final int experts = rows.getFirst().size();
        final double width = (RIGHT - LEFT) / experts;
        final StringBuilder svg = AnswerPictures.open(
                CELL * rows.size() + 24, "rows of each expert by layer against a mean one's, in a table below");
        for (int layer = 0; layer < rows.size(); layer++) {
            final List<Long> own = rows.get(layer);
            final long sum = own.stream().mapToLong(Long::longValue).sum();
            svg.append(Markup.label(LEFT - 6, CELL * layer + 11, "tick back", "layer " + layer));
            for (int expert = 0; expert < experts; expert++) {
                final double ofMean = RunTables.ofMean(own.get(expert), sum, experts);
                svg.append(cell(
                        LEFT + width * expert,
                        CELL * layer,
                        width,
                        ofMean / 2,
                        "layer " + layer
                                + ", expert " + expert + ": " + own.get(expert) + " rows, " + Figures.percent(ofMean)
                                + " of a mean one"));
            }
        }
        for (int expert = 0; expert < experts; expert++) {
            svg.append(Markup.label(
                    LEFT + width * (expert + 0.5), CELL * rows.size() + 16, "tick mid", Integer.toString(expert)));
        }
        return svg.append("</svg>").toString();
    }

    private static String cell(
            final double x, final double y, final double width, final double shade, final String tip) {
        return Markup.element(
                "rect",
                String.format(
                        Locale.ROOT,
                        "class=\"heat\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill-opacity=\"%.2f\"",
                        Markup.number(x),
                        Markup.number(y),
                        Markup.number(Math.max(1, width - 1)),
                        Markup.number(CELL - 1),
                        Math.clamp(shade, 0.03, 1)),
                tip);
    }
}
