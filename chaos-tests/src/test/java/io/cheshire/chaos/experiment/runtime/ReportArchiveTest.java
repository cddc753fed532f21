package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.RunFigures;
import io.cheshire.chaos.experiment.core.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportArchiveTest {
    private final ReportArchive archive = new ReportArchive();

    private static ReportArchive.Head head(final int number) {
        return new ReportArchive.Head("id-" + number, "name", "simulation", 5, "HELD", "");
    }

    private static ExperimentReport report(final String about) {
        return new ExperimentReport(
                "name",
                about,
                "command",
                Map.of(),
                new Verdict(Verdict.Outcome.HELD, "", List.of()),
                new RunFigures(1, 0, 0, 1, 1, 1, 1, 1, 1, null, null),
                1000,
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private int size() {
        final ArrayNode heads = JsonNodeFactory.instance.arrayNode();
        archive.headsTo(heads);
        return heads.size();
    }

    @Test
    void shouldKeepTheLatestReportsOnly() {
        for (int i = 0; i <= ReportArchive.MOST_REPORTS; i++) {
            archive.add(head(i), report("about"));
        }

        assertThat(size()).isEqualTo(ReportArchive.MOST_REPORTS);
        assertThat(archive.report("id-0")).isNull();
        assertThat(archive.report("id-1").get("about").asText()).isEqualTo("about");
    }

    @Test
    void shouldKeepNoMoreBytesThanItsBound() {
        final String large = "a".repeat((int) (ReportArchive.MOST_BYTES / 5));
        for (int i = 0; i < 4; i++) {
            archive.add(head(i), report(large));
        }

        assertThat(size()).as("each is kept twice: as data and as a page").isEqualTo(2);
    }

    @Test
    void shouldHaveNoReportOfWhatWasNotJudged() {
        archive.add(new ReportArchive.Head("x", "name", "running", 5, "NOT_JUDGED", "ended"));

        assertThat(size()).isEqualTo(1);
        assertThat(archive.report("x")).isNull();
        assertThat(archive.page("x")).isNull();
    }
}
