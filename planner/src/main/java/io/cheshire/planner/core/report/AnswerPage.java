package io.cheshire.planner.core.report;

import io.cheshire.chaos.experiment.core.Markup;
import io.cheshire.chaos.experiment.core.PageStyle;
import io.cheshire.planner.core.outcome.RunPictures;
import io.cheshire.planner.core.screen.ScreenResult;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer as one HTML page: pictures and style are inside, there is no script, nothing is fetched, and all text that
 * came from elsewhere is escaped. The verdict comes first.
 */
public final class AnswerPage {
    private static final String MORE_STYLE = """
            svg .line { fill: none; stroke: var(--rate); stroke-width: 2; } .heat { fill: var(--rate); }
            svg .second { stroke: var(--warn); stroke-dasharray: 7 3; }
            svg .third { stroke: var(--pub); stroke-dasharray: 2 3; }
            td:not(:first-child), thead th:not(:first-child) { text-align: right; white-space: nowrap;
              font-variant-numeric: tabular-nums; }
            .words p { margin: 6px 0; } .scroll { overflow-x: auto; } li { margin: 3px 0; }
            """;

    private AnswerPage() {}

    /** The page. */
    public static String of(final PlanAnswer answer) {
        return of(answer, SimulatedPart.NONE);
    }

    /** The same with what was simulated. */
    public static String of(final PlanAnswer answer, final SimulatedPart simulated) {
        final StringBuilder page = new StringBuilder(40_000);
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .append("style-src 'unsafe-inline'\">\n<title>Plan</title>\n<style>\n")
                .append(PageStyle.CSS)
                .append(MORE_STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n");
        page.append(head(answer));
        pictures(answer, page);
        if (simulated.run() != null) {
            pictures(simulated.run().pictures(), page);
        }
        final List<AnswerText.Titled> tables = new ArrayList<>(simulated.tables());
        tables.addAll(AnswerText.tables(answer));
        tables.forEach(each -> page.append(section(each.title(), table(each.table()))));
        page.append("<section>\n<h2>Nobody measured here</h2>\n<ul>\n");
        answer.plan()
                .assumptions()
                .forEach(each -> page.append("<li>").append(Markup.escape(each)).append("</li>\n"));
        page.append("</ul>\n<h2>How to repeat it</h2>\n<pre>")
                .append(Markup.escape(answer.command()))
                .append("</pre>\n</section>\n");
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String head(final PlanAnswer answer) {
        final boolean keeps = answer.chosen().keeps();
        final StringBuilder head = new StringBuilder("<header>\n<p class=\"verdict " + (keeps ? "held" : "not") + "\">"
                + (keeps ? "✓ keeps every objective" : "✗ does not do") + "</p>\n<h1>"
                + Markup.escape(answer.chosen().fleet().words()) + "</h1>\n<p class=\"about\">"
                + Markup.escape(answer.plan().model().name() + ", "
                        + answer.plan().load().source())
                + "</p>\n<div class=\"words\">\n");
        VerdictWords.of(answer.plan(), answer.chosen())
                .forEach(each -> head.append("<p>").append(Markup.escape(each)).append("</p>\n"));
        return head.append("</div>\n</header>\n").toString();
    }

    private static void pictures(final PlanAnswer answer, final StringBuilder page) {
        final List<ScreenResult> sweep = answer.sweep();
        final double asked = answer.plan().load().requestsPerSecond();
        if (!sweep.isEmpty()) {
            page.append(section(
                    "TTFT p95 over rate, ms",
                    AnswerPictures.sweep(
                            sweep, asked, each -> each.latency().ttftMs().p95())));
            page.append(section(
                    "Time between tokens p99 over rate, ms",
                    AnswerPictures.sweep(
                            sweep, asked, each -> each.latency().itlMs().p99())));
            page.append(section(
                    "Where a token's time goes",
                    AnswerPictures.waterfall(VerdictWords.waterfall(
                            answer.chosen().screen().step(),
                            answer.plan().model().shape().layerCount()))));
        }
        if (answer.lookedAt() > 1) {
            page.append(section(
                    "Output tokens/s a node over tokens/s a user: green keeps the objectives, violet is the front",
                    AnswerPictures.pareto(
                            answer.ranked(),
                            answer.front(),
                            answer.plan().load().lengths().meanOutput())));
        }
        if (!answer.tornado().isEmpty()) {
            page.append(section(
                    "Knee over the rate asked for, each assumption a fifth less and more",
                    AnswerPictures.tornado(answer.tornado())));
        }
    }

    private static void pictures(final RunPictures run, final StringBuilder page) {
        page.append(section("Simulated: how many were at most so long", RunSvg.cdf(run.latencies())));
        if (run.use() != null) {
            page.append(section("Simulated: how busy devices were, the darker the busier", RunSvg.use(run.use())));
        }
        if (!run.expertRows().isEmpty()) {
            page.append(section("Simulated: rows by layer and expert", RunSvg.experts(run.expertRows())));
        }
    }

    private static String section(final String title, final String content) {
        return "<section>\n<h2>" + Markup.escape(title) + "</h2>\n" + content + "\n</section>\n";
    }

    private static String table(final TextTable table) {
        final StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n");
        boolean head = true;
        for (final List<String> row : table.rows()) {
            html.append(head ? "<thead><tr>" : "<tr>");
            for (final String cell : row) {
                html.append(head ? "<th>" : "<td>").append(Markup.escape(cell)).append(head ? "</th>" : "</td>");
            }
            html.append(head ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
            head = false;
        }
        return html.append("</tbody></table></div>").toString();
    }
}
