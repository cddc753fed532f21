package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void shouldHoldBackAPossibleStopAndReleaseItWhenItIsNone() {
        final StopMatcher matcher = new StopMatcher(List.of("END"));
        assertThat(matcher.push("abE")).isEqualTo("ab");
        assertThat(matcher.push("N")).isEmpty();
        assertThat(matcher.push("x")).isEqualTo("ENx");
        assertThat(matcher.matched()).isFalse();
    }

    @Test
    void shouldShowOnlyWhatPrecedesTheEarliestStop() {
        final StopMatcher matcher = new StopMatcher(List.of("zz", "b"));
        assertThat(matcher.push("abzz")).isEqualTo("a");
        assertThat(matcher.matched()).isTrue();
        assertThat(matcher.push("more")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    /** Oracle: look for the first stop in the whole text at once. */
    @Property
    void shouldShowTheSameTextHoweverItArrives(
            @ForAll @Size(min = 1, max = 30)
                    final List<@StringLength(max = 3) @CharRange(from = 'a', to = 'c') String> pieces,
            @ForAll @Size(min = 1, max = 3)
                    final List<@StringLength(min = 1, max = 4) @CharRange(from = 'a', to = 'c') String> stops) {
        final StopMatcher matcher = new StopMatcher(stops);
        final StringBuilder shown = new StringBuilder();
        int fed = 0;
        for (final String piece : pieces) {
            fed++;
            shown.append(matcher.push(piece));
            if (matcher.matched()) {
                break;
            }
        }
        shown.append(matcher.finish());
        final String text = String.join("", pieces.subList(0, fed));
        final int at =
                stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
        assertThat(matcher.matched()).isEqualTo(at >= 0);
        assertThat(shown.toString()).isEqualTo(at >= 0 ? text.substring(0, at) : text);
    }
}
