package io.cheshire.planner.core.report;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.chaos.experiment.core.Markup;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.Tornado;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Pictures of an answer's page, as SVG. */
final class AnswerPictures {
    private static final double WIDTH = 1000;
    private static final double LEFT = 60;
    private static final double RIGHT = 990;
    private static final double HEIGHT = 240;
    private static final double BAR = 22;
    private static final double NAMES = 300;

    private AnswerPictures() {}

    /** A picture begins. */
    static StringBuilder open(final double height, final String what) {
        return new StringBuilder("<svg viewBox=\"0 0 " + WIDTH + " " + Markup.number(height)
                + "\" role=\"img\" aria-label=\"" + Markup.escape(what) + "\">");
    }

    static String line(final String style, final double x1, final double y1, final double x2, final double y2) {
        return Markup.element(
                "line",
                "class=\"" + style + "\" x1=\"" + Markup.number(x1) + "\" y1=\"" + Markup.number(y1) + "\" x2=\""
                        + Markup.number(x2) + "\" y2=\"" + Markup.number(y2) + "\"",
                "");
    }

    private static String rect(
            final String style,
            final double x,
            final double y,
            final double width,
            final double height,
            final String tip) {
        return Markup.element(
                "rect",
                "class=\"" + style + "\" x=\"" + Markup.number(x) + "\" y=\"" + Markup.number(y) + "\" width=\""
                        + Markup.number(Math.max(1, width)) + "\" height=\"" + Markup.number(height) + "\"",
                tip);
    }

    /** A latency over the rate, its scale cut where it rises without end; what falls behind is shaded. */
    static String sweep(final List<ScreenResult> sweep, final double asked, final ToDoubleFunction<ScreenResult> ms) {
        final double lastRate = Math.max(asked, sweep.getLast().perSecond());
        final double least = sweep.stream().mapToDouble(ms).min().orElse(1);
        final double most = sweep.stream()
                .mapToDouble(ms)
                .filter(value -> value < 12 * least)
                .max()
                .orElse(1);
        final StringBuilder svg = open(HEIGHT + 24, "latency over rate");
        final double overloaded = sweep.stream()
                .filter(each -> each.state() == LoadState.OVERLOADED)
                .mapToDouble(each -> each.saturation().mid())
                .min()
                .orElse(lastRate);
        final double edge = x(overloaded, lastRate);
        svg.append(rect("fault", edge, 10, RIGHT - edge, HEIGHT - 10, "falls behind"));
        for (int i = 0; i <= 4; i++) {
            final double y = HEIGHT - (HEIGHT - 20) * i / 4;
            svg.append(line("grid", LEFT, y, RIGHT, y));
            svg.append(Markup.label(LEFT - 6, y + 4, "tick back", Figures.plain(most * 1.05 * i / 4)));
            svg.append(Markup.label(
                    x(lastRate * i / 4, lastRate), HEIGHT + 16, "tick mid", Figures.plain(lastRate * i / 4)));
        }
        final StringBuilder path = new StringBuilder();
        for (final ScreenResult each : sweep) {
            final double value = ms.applyAsDouble(each);
            if (value <= most) {
                path.append(path.isEmpty() ? "M" : "L")
                        .append(Markup.number(x(each.perSecond(), lastRate)))
                        .append(' ')
                        .append(Markup.number(y(value, most)));
            }
        }
        svg.append("<path class=\"line\" d=\"").append(path).append("\"/>");
        svg.append(line("level", x(asked, lastRate), 10, x(asked, lastRate), HEIGHT));
        svg.append(Markup.label(x(asked, lastRate) + 4, 20, "note", "asked for"));
        return svg.append("</svg>").toString();
    }

    private static double x(final double value, final double most) {
        return LEFT + (RIGHT - LEFT) * value / most;
    }

    private static double y(final double value, final double most) {
        return HEIGHT - (HEIGHT - 20) * value / (most * 1.05);
    }

    /** Tokens a node over tokens a user, one point a fleet. */
    static String pareto(final List<Candidate> candidates, final List<Candidate> front, final double meanOutput) {
        double mostX = 1e-9;
        double mostY = 1e-9;
        for (final Candidate each : candidates) {
            mostX = Math.max(mostX, each.screen().tokensPerUser());
            mostY = Math.max(mostY, each.screen().tokensPerNode(meanOutput));
        }
        for (final Candidate each : front) {
            mostX = Math.max(mostX, each.screen().tokensPerUser());
            mostY = Math.max(mostY, each.screen().tokensPerNode(meanOutput));
        }
        final StringBuilder svg = open(HEIGHT + 24, "tokens a node over tokens a user");
        for (int i = 0; i <= 4; i++) {
            final double y = HEIGHT - (HEIGHT - 20) * i / 4;
            svg.append(line("grid", LEFT, y, RIGHT, y));
            svg.append(Markup.label(LEFT - 6, y + 4, "tick back", Figures.plain(mostY * 1.05 * i / 4)));
            svg.append(Markup.label(x(mostX * i / 4, mostX), HEIGHT + 16, "tick mid", Figures.plain(mostX * i / 4)));
        }
        for (final Candidate each : candidates) {
            svg.append(point(each, each.keeps() ? "whole" : "altered", mostX, mostY, meanOutput));
        }
        for (final Candidate each : front) {
            svg.append(point(each, "published", mostX, mostY, meanOutput));
        }
        return svg.append("</svg>").toString();
    }

    private static String point(
            final Candidate each, final String style, final double mostX, final double mostY, final double meanOutput) {
        return Markup.element(
                "circle",
                "class=\"" + style + "\" cx=\"" + Markup.number(x(each.screen().tokensPerUser(), mostX)) + "\" cy=\""
                        + Markup.number(y(each.screen().tokensPerNode(meanOutput), mostY)) + "\" r=\"4\"",
                each.fleet().words() + ", " + Figures.plain(each.price()));
    }

    /** Parts of a sum, one bar after the other. */
    static String waterfall(final List<VerdictWords.Part> parts) {
        final double sum = parts.stream().mapToDouble(VerdictWords.Part::ms).sum();
        final StringBuilder svg = open(BAR * parts.size() + 6, "where a token's time goes");
        double from = 0;
        int row = 0;
        for (final VerdictWords.Part part : parts) {
            final double y = BAR * row;
            svg.append(Markup.label(NAMES - 8, y + 15, "tick back", part.name()));
            svg.append(rect("same", at(from, sum), y + 3, at(part.ms(), sum) - NAMES, BAR - 6, Figures.ms(part.ms())));
            svg.append(Markup.label(
                    Math.min(930, at(from + part.ms(), sum) + 5), y + 15, "tick", Figures.ms(part.ms())));
            from += part.ms();
            row++;
        }
        return svg.append("</svg>").toString();
    }

    private static double at(final double value, final double most) {
        return NAMES + (920 - NAMES) * (most == 0 ? 0 : value / most);
    }

    /** The knee over the rate asked for, at a fifth less and a fifth more of each assumption. */
    static String tornado(final List<Tornado.Bar> bars) {
        double most = 1;
        for (final Tornado.Bar bar : bars) {
            most = Math.max(most, Math.max(bar.less().headroom(), bar.more().headroom()));
        }
        final StringBuilder svg = open(BAR * bars.size() + 20, "which assumption moves the answer");
        int row = 0;
        for (final Tornado.Bar bar : bars) {
            final double y = BAR * row;
            final double low = Math.min(bar.less().headroom(), bar.more().headroom());
            final double high = Math.max(bar.less().headroom(), bar.more().headroom());
            svg.append(Markup.label(NAMES - 8, y + 15, "tick back", bar.what()));
            svg.append(rect(
                    "same",
                    at(low, most),
                    y + 3,
                    at(high, most) - at(low, most),
                    BAR - 6,
                    Figures.plain(low) + " to " + Figures.plain(high)));
            row++;
        }
        final double limit = at(1, most);
        svg.append(line("cross", limit, 0, limit, BAR * row));
        svg.append(Markup.label(limit, BAR * row + 14, "tick mid", "what is asked for"));
        return svg.append("</svg>").toString();
    }
}
