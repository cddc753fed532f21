package io.cheshire.planner.protocol.episodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpisodeFileTest {
    private static final Quantiles SPREAD = new Quantiles(List.of(0.0, 0.5, 0.9, 1.0), List.of(1e6, 2e6, 3e6, 4e6));

    private static final Episode EPISODE = new Episode(
            Strike.Kind.KILL,
            new CellPlan.Size(4, 2, 1, 0),
            3.5,
            7,
            SPREAD,
            SPREAD,
            SPREAD,
            new Episode.Spoiled(1, 2, 3),
            new Episode.Spoiled(0, 0, 1),
            "simulated, exact");

    @Test
    void shouldReadBackWhatItWrote() {
        final String json = EpisodeFile.write(List.of(EPISODE));

        assertThat(EpisodeFile.read(json, "a file")).containsExactly(EPISODE);
        assertThat(EpisodeFile.write(EpisodeFile.read(json, "a file"))).isEqualTo(json);
    }

    @Test
    void shouldRefuseWhatIsNoEpisodeFileByName() {
        final String json = EpisodeFile.write(List.of(EPISODE));

        for (final String wrong :
                List.of("[]", "{", "[{}]", json.replace("\"plays\"", "\"pays\""), json.replace("KILL", "KISS"))) {
            assertThatThrownBy(() -> EpisodeFile.read(wrong, "e.json"))
                    .as(wrong)
                    .isInstanceOf(PlanRefused.class)
                    .hasMessageContaining("e.json");
        }
    }
}
