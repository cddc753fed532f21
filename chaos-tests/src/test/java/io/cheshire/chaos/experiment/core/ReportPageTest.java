package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportPageTest {
    private static final String EVIL = "</title><script>alert('x\"y')</script><img src=x onerror=alert(1)>&";
    private static final Pattern TAG =
            Pattern.compile("<\\s*(script|img|iframe|link|object)", Pattern.CASE_INSENSITIVE);

    private static ExperimentReport report(final String text, final double longestMs) {
        final List<Double> tokens =
                DoubleStream.iterate(10, ms -> ms < 3000, ms -> ms + 10).boxed().toList();
        final RunFigures figures = new RunFigures(2, 0, 1, 150, 200, 10, 11, longestMs, 12, null, null);
        return new ExperimentReport(
                text,
                text,
                text,
                Map.of(text, text),
                new Verdict(Verdict.Outcome.NOT_HELD, text, List.of(new Claim(text, text, text, false))),
                figures,
                3000,
                List.of(new FaultRegion(500, 900, text), new FaultRegion(1500, 1500, text)),
                List.of(
                        new RunMark(510, RunMark.Kind.DETECTED, text),
                        new RunMark(520, RunMark.Kind.PUBLISHED, text),
                        new RunMark(950, RunMark.Kind.WHOLE, text)),
                List.of(new LongGap(0, 500, 500 + longestMs, text)),
                List.of(
                        new StreamLine(0, 0, 0, tokens, StreamLine.End.SAME, ""),
                        new StreamLine(1, 1, 5, tokens.subList(0, 100), StreamLine.End.BROKEN, text)));
    }

    @Test
    void shouldKeepWhateverComesFromOutsideAsText() {
        final String page = ReportPage.of(report(EVIL, 40));

        assertThat(TAG.matcher(page).find()).as("elements that nobody drew").isFalse();
        assertThat(page).doesNotContain("onerror=alert(1)>").contains("&lt;script&gt;alert(&#39;x&quot;y&#39;)");
        assertThat(page).as("nothing is fetched").doesNotContain("http://", "https://", "url(");
    }

    @Test
    void shouldDrawPicturesThatAreWellFormed() throws Exception {
        final String page = ReportPage.of(report(EVIL, 40));

        int pictures = 0;
        for (int at = page.indexOf("<svg"); at >= 0; at = page.indexOf("<svg", at + 1)) {
            final String svg = page.substring(at, page.indexOf("</svg>", at) + "</svg>".length());
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
            assertThat(svg).doesNotContain("NaN", "Infinity");
            pictures++;
        }
        assertThat(pictures).isEqualTo(3);
    }

    @Test
    void shouldDrawARunInWhichNoTokenCame() {
        final ExperimentReport full = report("x", 0);
        final ExperimentReport empty = new ExperimentReport(
                "x",
                "",
                "",
                Map.of(),
                full.verdict(),
                full.figures(),
                1000,
                List.of(),
                List.of(),
                List.of(),
                List.of());

        assertThat(ReportPage.of(empty)).contains("not held").doesNotContain("NaN", "Infinity");
    }

    @Test
    void shouldSetFiguresOfTwoReportsSideBySide() {
        final ObjectMapper json = new ObjectMapper();
        final JsonNode a = json.valueToTree(report("first", 40));
        final JsonNode b = json.valueToTree(report("second", 60));

        final List<List<String>> rows = ReportComparison.rows(a, b);

        assertThat(rows)
                .contains(List.of("longest gap", "40 ms", "60 ms", "+20 ms (+50 %)"))
                .contains(List.of("whole again", "-", "-", "-"))
                .contains(List.of("verdict", "NOT_HELD", "NOT_HELD", ""));
        assertThat(ReportComparison.table(rows)).contains("longest gap            40 ms     60 ms     +20 ms (+50 %)");
    }

    @Test
    void shouldSayWhichFaultWasOnInAGap() {
        final ExperimentReport report = report("stop expert-node-1", 40);
        assertThat(StreamFigures.cause(new LongGap(0, 480, 530, ""), report.faults(), report.marks()))
                .startsWith("stop expert-node-1");
        assertThat(StreamFigures.cause(new LongGap(0, 1000, 1100, ""), report.faults(), report.marks()))
                .isEqualTo("no fault was on");
    }
}
