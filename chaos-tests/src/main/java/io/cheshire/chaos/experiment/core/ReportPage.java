package io.cheshire.chaos.experiment.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A report as one HTML page: pictures and style are inside, there is no script, nothing is fetched, and all text that
 * came from
 * elsewhere is escaped. The verdict comes first.
 */
public final class ReportPage {
    private static final int MOST_MOMENTS = 80;

    private ReportPage() {}

    /** The page. */
    public static String of(final ExperimentReport report) {
        final StringBuilder page = new StringBuilder(40_000);
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .append("style-src 'unsafe-inline'\">\n<title>")
                .append(Markup.escape(report.name()))
                .append("</title>\n<style>\n")
                .append(PageStyle.CSS)
                .append("</style>\n</head>\n<body>\n<main>\n");
        page.append(head(report)).append(claims(report)).append(figures(report));
        page.append(section("Tokens a second", RatePicture.of(report), RATE_LEGEND));
        page.append(section("Gaps between tokens", GapPicture.of(report), GAP_LEGEND));
        page.append(section("Streams", LanePicture.of(report), LANE_LEGEND));
        page.append(gaps(report)).append(moments(report)).append(parameters(report));
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static final String RATE_LEGEND =
            "<span class=\"k kf\"></span>a fault is on <span class=\"k ki\"></span>something is killed "
                    + "<span class=\"s sd\">▲</span>noticed <span class=\"s sp\">■</span>epoch published "
                    + "<span class=\"s sw\">●</span>whole for good "
                    + "<span class=\"k ke\"></span>no new streams from here";
    private static final String GAP_LEGEND = "One point a gap, when it ended; of very many short ones a sample. "
            + "<span class=\"s sx\">×</span>a stream broke or was altered";
    private static final String LANE_LEGEND =
            "<span class=\"k ks\"></span>as without faults <span class=\"k kb\"></span>broke after a right beginning "
                    + "<span class=\"k ka\"></span>altered <span class=\"k kw\"></span>no token for long";

    private static String head(final ExperimentReport report) {
        final Verdict verdict = report.verdict();
        final String style = switch (verdict.outcome()) {
            case HELD -> "held";
            case NOT_HELD -> "not";
            case ABORTED -> "aborted";
        };
        final String words = switch (verdict.outcome()) {
            case HELD -> "✓ held";
            case NOT_HELD -> "✗ not held";
            case ABORTED -> "! ended early";
        };
        return "<header>\n<p class=\"verdict " + style + "\">" + words + "</p>\n<h1>" + Markup.escape(report.name())
                + "</h1>\n<p class=\"about\">" + Markup.escape(report.about()) + "</p>\n"
                + (verdict.outcome() == Verdict.Outcome.HELD
                        ? ""
                        : "<p class=\"why\">" + Markup.escape(verdict.why()) + "</p>\n")
                + "</header>\n";
    }

    private static String claims(final ExperimentReport report) {
        final StringBuilder rows = new StringBuilder();
        for (final Claim claim : report.verdict().claims()) {
            rows.append("<tr class=\"")
                    .append(claim.holds() ? "yes" : "no")
                    .append("\"><td>")
                    .append(claim.holds() ? "✓ holds" : "✗ does not")
                    .append("</td><th scope=\"row\">")
                    .append(Markup.escape(claim.claim()))
                    .append("</th><td>")
                    .append(Markup.escape(claim.figure()))
                    .append("</td><td>")
                    .append(Markup.escape(claim.limit()))
                    .append("</td></tr>\n");
        }
        return "<table class=\"claims\">\n<thead><tr><th></th><th>claim</th><th>found</th><th>asked</th></tr></thead>\n"
                + "<tbody>\n" + rows + "</tbody>\n</table>\n";
    }

    private static String figures(final ExperimentReport report) {
        final RunFigures figures = report.figures();
        final List<String> tiles = new ArrayList<>();
        tiles.add(tile(
                "streams",
                Integer.toString(figures.streams()),
                figures.altered() + " altered, " + figures.broken() + " broken"));
        tiles.add(tile(
                "goodput",
                String.format(Locale.ROOT, "%.0f %%", 100 * figures.goodputShare()),
                String.format(
                        Locale.ROOT,
                        "%.0f tokens/s, %.0f without faults",
                        figures.tokensPerSecond(),
                        figures.faultFreePerSecond())));
        tiles.add(tile(
                "longest gap",
                FileTimes.formatMs(figures.longestGapMs()),
                FileTimes.formatMs(figures.faultFreeGapMs()) + " without faults"));
        tiles.add(tile(
                "gaps", FileTimes.formatMs(figures.p50GapMs()), "p50; p99 " + FileTimes.formatMs(figures.p99GapMs())));
        final Double whole = figures.wholeAgainMs();
        tiles.add(tile(
                "whole again",
                whole == null ? "no" : FileTimes.formatMs(whole),
                whole == null ? "not while it was watched" : "after the last fault's end"));
        return "<div class=\"tiles\">" + String.join("\n", tiles) + "</div>\n";
    }

    private static String tile(final String name, final String value, final String more) {
        return "<div><span>" + Markup.escape(name) + "</span><b>" + Markup.escape(value) + "</b><small>"
                + Markup.escape(more) + "</small></div>";
    }

    private static String section(final String title, final String picture, final String legend) {
        return "<section>\n<h2>" + title + "</h2>\n" + picture + "\n<p class=\"legend\">" + legend
                + "</p>\n</section>\n";
    }

    private static String gaps(final ExperimentReport report) {
        final StringBuilder rows = new StringBuilder();
        for (final LongGap gap : report.gaps()) {
            rows.append("<tr><td class=\"n\">")
                    .append(Markup.escape(FileTimes.formatMs(gap.lengthMs())))
                    .append("</td><td class=\"n\">")
                    .append(Markup.escape(FileTimes.formatMs(gap.fromMs())))
                    .append("</td><td class=\"n\">")
                    .append(gap.lane())
                    .append("</td><td>")
                    .append(Markup.escape(gap.cause()))
                    .append("</td></tr>\n");
        }
        return "<section>\n<h2>Longest gaps</h2>\n<table><thead><tr><th class=\"n\">gap</th><th class=\"n\">from</th>"
                + "<th class=\"n\">lane</th><th>what was on meanwhile</th></tr></thead>\n<tbody>\n" + rows
                + "</tbody></table>\n</section>\n";
    }

    private static String moments(final ExperimentReport report) {
        final StringBuilder rows = new StringBuilder();
        report.marks().stream()
                .limit(MOST_MOMENTS)
                .forEach(mark -> rows.append("<tr class=\"m")
                        .append(mark.kind().name().toLowerCase(Locale.ROOT))
                        .append("\"><td class=\"n\">")
                        .append(Markup.escape(FileTimes.formatMs(mark.atMs())))
                        .append("</td><td>")
                        .append(mark.kind().name().toLowerCase(Locale.ROOT))
                        .append("</td><td>")
                        .append(Markup.escape(mark.text()))
                        .append("</td></tr>\n"));
        final int more = report.marks().size() - MOST_MOMENTS;
        return "<section>\n<h2>Moments</h2>\n<table><thead><tr><th class=\"n\">at</th><th>what</th><th></th></tr>"
                + "</thead>\n<tbody>\n" + rows + "</tbody></table>\n"
                + (more > 0 ? "<p class=\"legend\">and " + more + " more in the JSON</p>\n" : "") + "</section>\n";
    }

    private static String parameters(final ExperimentReport report) {
        final StringBuilder rows = new StringBuilder();
        for (final Map.Entry<String, String> parameter : report.parameters().entrySet()) {
            rows.append("<tr><th scope=\"row\">")
                    .append(Markup.escape(parameter.getKey()))
                    .append("</th><td>")
                    .append(Markup.escape(parameter.getValue()))
                    .append("</td></tr>\n");
        }
        return "<section>\n<h2>How to repeat it</h2>\n<pre>" + Markup.escape(report.command())
                + "</pre>\n<table><tbody>\n" + rows + "</tbody></table>\n</section>\n";
    }
}
