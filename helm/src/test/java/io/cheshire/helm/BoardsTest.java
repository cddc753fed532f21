package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import org.junit.jupiter.api.Test;

/** Boards work wherever they are imported, and explain themselves. */
final class BoardsTest {
    @Test
    void shouldShipAllBoards() {
        assertThat(Boards.files().keySet())
                .containsExactly("capacity.json", "drill-down.json", "experts.json", "failover.json", "overview.json");
        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED, "monitoring: {dashboards: true}"));
        Boards.files()
                .keySet()
                .forEach(file -> assertThat(manifests
                                .one(ConfigMap.class, "-board-" + file.replace(".json", ""))
                                .getData())
                        .containsEntry(
                                "cheshire-" + file,
                                Chart.read(Chart.root().resolve("ops/grafana/" + file))
                                        .strip()));
    }

    @Test
    void shouldSayOfEveryPanelWhatIsNormal() {
        Boards.files()
                .forEach((name, board) -> assertThat(Boards.panels(board))
                        .isNotEmpty()
                        .allSatisfy(
                                panel -> assertThat(panel.path("description").asText())
                                        .as("%s: %s", name, panel.path("title").asText())
                                        .hasSizeGreaterThan(4)));
    }

    @Test
    void shouldAskTheDataSourceThatItsUserChooses() {
        Boards.files().forEach((name, board) -> {
            for (final JsonNode source : board.findValues("datasource")) {
                assertThat(source.path("uid").asText()).as(name).isEqualTo("${DS_PROMETHEUS}");
            }
            assertThat(board.path("uid").asText()).isEqualTo("cheshire-" + name.replace(".json", ""));
        });
    }

    @Test
    void shouldAskForOneClusterOnly() {
        Boards.expressions().forEach((where, expression) -> {
            if (!where.endsWith("variable cluster")) {
                assertThat(Expressions.of(expression).selectors())
                        .as(where)
                        .isNotEmpty()
                        .allMatch(selector -> selector.conditions().stream()
                                .anyMatch(condition -> condition.label().equals("cheshire_cluster")));
            }
        });
    }
}
