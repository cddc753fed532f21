package io.cheshire.ops.core.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.doctor.Finding.Severity;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ExaminationTest {
    @Test
    void shouldFindNothingToMendOnAHealthyHost() {
        final Examination examination = Examination.of(HealthyHost.facts(), HealthyHost.NEEDS);

        assertThat(examination.findings()).allMatch(finding -> finding.severity() == Severity.OK);
        assertThat(examination.severity()).isEqualTo(Severity.OK);
        assertThat(examination.findings()).extracting(Finding::check).doesNotHaveDuplicates();
    }

    @Test
    void shouldBeAsBadAsTheWorstFinding() {
        assertThat(new Examination(
                                List.of(Finding.warn("a", "b", "c"), Finding.fail("d", "e", "f"), Finding.ok("g", "h")))
                        .severity())
                .isEqualTo(Severity.FAIL);
        assertThat(new Examination(List.of()).severity()).isEqualTo(Severity.OK);
    }

    @Test
    void shouldLeaveOutWhatOnlyGoodSettingsCanTell() {
        final Examination.Facts good = HealthyHost.facts();
        final Examination examination = Examination.of(
                new Examination.Facts(
                        good.jvm(),
                        good.kernels(),
                        good.cores(),
                        good.limits(),
                        good.temporary(),
                        good.host(),
                        null,
                        null,
                        good.model(),
                        List.of("cheshire.nodes = 0: must be 1 to 256")),
                HealthyHost.NEEDS);

        assertThat(examination.severity()).isEqualTo(Severity.FAIL);
        assertThat(examination.findings()).extracting(Finding::check).doesNotContain("ports", "media driver");
        assertThat(examination.text()).startsWith("FAIL settings").contains("cheshire.nodes = 0: must be 1 to 256");
    }

    @Test
    void shouldAlignWhatIsFoundAndFoldLongLines() {
        final String text = new Examination(List.of(
                        Finding.ok("a", "b"),
                        Finding.warn(
                                "longer",
                                "word ".repeat(40).strip(),
                                "do this ".repeat(30).strip())))
                .text();

        assertThat(text.lines())
                .allMatch(line -> line.length() <= 120)
                .allMatch(line -> line.stripTrailing().equals(line));
        assertThat(text).startsWith("OK   a       b\nWARN longer  word word").contains("\n             -> do this");
        assertThat(text.lines().map(String::strip).collect(Collectors.joining(" ")))
                .contains("word ".repeat(40) + "-> " + "do this ".repeat(30).strip());
    }
}
