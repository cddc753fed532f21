package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.http.protocol.SegmentFields;
import io.cheshire.http.protocol.SegmentFields.Normaliser;
import io.cheshire.model.protocol.ScoreHead.Activation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Segments as the reward model of arXiv 2501.02790 cuts them; numbers by another program. */
class SegmentsTest {
    /** Behind each of 24 tokens, of a small model, by numpy. */
    private static final double[] BEHIND = {
        3.806836, 3.593918, 3.809935, 3.773973, 3.758711, 3.628963, 3.785865, 3.822086, 3.897986, 3.852415, 3.778997,
        3.893273, 3.868922, 3.849745, 3.817024, 3.913146, 3.896810, 3.821753, 3.765897, 3.770226, 3.754426, 3.820398,
        3.856366, 3.857147
    };

    private static final List<Integer> TOKENS = Collections.nCopies(24, 5);

    /** As an API tells them: with the token that was drawn. */
    private static List<Double> told() {
        final List<Double> entropies = new ArrayList<>(List.of(Double.NaN));
        DoubleStream.of(BEHIND).limit(23).forEach(entropies::add);
        return entropies;
    }

    private static SegmentFields fields(
            final int from, final List<Integer> ends, final Set<Integer> separators, final List<Double> entropies) {
        return new SegmentFields(from, ends, separators, entropies, 3.85, null);
    }

    @Test
    void shouldEndASegmentWhereTheModelIsUnsureOfWhatFollows() {
        assertThat(Segments.ends(fields(10, List.of(), Set.of(), told()), TOKENS, "input"))
                .containsExactly(11, 12, 15, 16, 22, 23);
    }

    @Test
    void shouldEndSegmentsAtSeparatorsAtPlacesGivenAndAtTheEnd() {
        final List<Integer> tokens = List.of(1, 7, 2, 7, 3, 4, 8, 9);
        assertThat(Segments.ends(fields(0, List.of(), Set.of(), List.of()), tokens, "input"))
                .containsExactly(7);
        assertThat(Segments.ends(fields(2, List.of(5), Set.of(7, 8), List.of()), tokens, "input"))
                .containsExactly(3, 5, 6, 7);
    }

    @Test
    void shouldRefusePlacesThatTheInputHasNot() {
        assertThatThrownBy(() -> Segments.ends(fields(24, List.of(), Set.of(), List.of()), TOKENS, "input"))
                .hasMessageContaining("segments.from has 24");
        assertThatThrownBy(() -> Segments.ends(fields(2, List.of(1), Set.of(), List.of()), TOKENS, "input"))
                .hasMessageContaining("segments.ends has 1");
        assertThatThrownBy(() -> Segments.ends(fields(0, List.of(), Set.of(), List.of(1.0)), TOKENS, "input[3]"))
                .hasMessageContaining("segments.entropies has 1 entries, and input[3] has 24");
    }

    /** The published fit of Phi-3 at 1.75. */
    @Test
    void shouldTakeFromARewardWhatItsPlaceMakesOfIt() {
        final Normaliser fit = new Normaliser(0.7668, 0.2569, 0.4705, 2.8339);
        assertThat(Segments.normalised(fit, -0.076611f, 11, 10, 24)).isCloseTo(0.404891f, within(1e-5f));
        assertThat(Segments.normalised(fit, -0.411554f, 23, 10, 24)).isCloseTo(-0.311250f, within(1e-5f));
        assertThat(Segments.normalised(new Normaliser(0, 1, 0, 0), 1, 23, 0, 24))
                .as("no deviation")
                .isNaN();
    }

    @Test
    void shouldMakeProbabilitiesThatNeitherOverflowNorVanish() {
        assertThat(Activations.apply(Activation.SOFTMAX, new float[] {-0.6998708f, -1.2598035f, -0.1839929f}))
                .containsExactly(new float[] {0.3080377f, 0.1759658f, 0.5159965f}, within(1e-6f));
        assertThat(Activations.apply(Activation.SOFTMAX, new float[] {3e38f, -3e38f}))
                .containsExactly(1, 0);
        assertThat(Activations.apply(Activation.SIGMOID, new float[] {0, 2, -2, 1e4f, -1e4f}))
                .containsExactly(new float[] {0.5f, 0.8807971f, 0.1192029f, 1, 0}, within(1e-6f));
        assertThat(Activations.apply(Activation.NONE, new float[] {7, -7})).containsExactly(7, -7);
    }
}
