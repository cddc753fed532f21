package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who is woken by an alert finds what to do. */
final class RunbookTest {
    @Test
    void shouldLinkEveryAlertToASectionThatSaysWhatToDo() {
        final String runbook = Chart.read(Chart.root().resolve("docs/runbook.md"));

        assertThat(Boards.alerts()).hasSizeGreaterThan(20).allSatisfy(alert -> {
            assertThat(alert.getAnnotations().get("runbook_url"))
                    .endsWith("runbook.md#" + alert.getAlert().toLowerCase(Locale.ROOT));
            assertThat(section(runbook, alert.getAlert())).contains("*What it means:*", "*What to do:*");
            assertThat(alert.getAnnotations().get("summary")).isNotBlank();
            assertThat(alert.getLabels().get("severity")).isIn("page", "ticket");
        });
    }

    @Test
    void shouldHaveNoSectionWithoutAnAlert() {
        final List<String> alerts = Boards.alerts().stream().map(Rule::getAlert).toList();

        assertThat(Stream.of(Chart.read(Chart.root().resolve("docs/runbook.md")).split("\n", -1))
                        .filter(line -> line.startsWith("## Cheshire"))
                        .map(line -> line.substring(3)))
                .containsExactlyInAnyOrderElementsOf(alerts);
    }

    private static String section(final String runbook, final String title) {
        final int begin = runbook.indexOf("## " + title + "\n");
        assertThat(begin).as("section ## %s", title).isNotNegative();
        final int end = runbook.indexOf("\n## ", begin);
        return end < 0 ? runbook.substring(begin) : runbook.substring(begin, end);
    }
}
