package io.cheshire.router.core.speculate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is guessed is what followed the longest, latest earlier match of a sequence's end. */
class PromptLookupTest {
    private static Speculation bounds(final int minMatch, final int maxMatch, final int window) {
        return new Speculation(true, minMatch, maxMatch, window, 8, 8);
    }

    private static List<Integer> guess(final int most, final Speculation bounds, final int... tokens) {
        final int[] room = Arrays.copyOf(tokens, tokens.length + Math.max(0, most));
        final int count = PromptLookup.guess(room, tokens.length, most, bounds);
        assertThat(Arrays.copyOf(room, tokens.length)).isEqualTo(tokens);
        return Arrays.stream(room, tokens.length, tokens.length + count).boxed().toList();
    }

    @Test
    void shouldGuessWhatFollowedTheLongestMatch() {
        // "2 3" comes twice before the end; the earlier time with a 1 before it, as at the end.
        assertThat(guess(2, bounds(1, 4, 64), 1, 2, 3, 7, 8, 9, 2, 3, 5, 6, 1, 2, 3))
                .containsExactly(7, 8);
        assertThat(guess(2, bounds(1, 2, 64), 1, 2, 3, 7, 8, 9, 2, 3, 5, 6, 1, 2, 3))
                .as("of equals the latest")
                .containsExactly(5, 6);
    }

    @Test
    void shouldGoOnWithATextThatRepeatsItself() {
        assertThat(guess(7, bounds(2, 4, 64), 1, 2, 3, 1, 2, 3)).containsExactly(1, 2, 3, 1, 2, 3, 1);
        assertThat(guess(3, bounds(1, 4, 64), 5, 5)).containsExactly(5, 5, 5);
    }

    @Test
    void shouldGuessNothingWithoutAMatch() {
        assertThat(guess(4, bounds(2, 4, 64), 1, 2, 3, 4, 9, 4)).isEmpty();
        assertThat(guess(4, bounds(1, 4, 64), 1, 2, 3)).isEmpty();
        assertThat(guess(4, bounds(1, 4, 64), 1)).isEmpty();
        assertThat(guess(0, bounds(1, 4, 64), 1, 1)).isEmpty();
        assertThat(guess(-3, bounds(1, 4, 64), 1, 1)).isEmpty();
    }

    @Test
    void shouldNotLookFurtherBackThanItsWindow() {
        final int[] tokens = {1, 2, 3, 9, 9, 9, 9, 1, 2};
        assertThat(guess(1, bounds(2, 4, 7), tokens)).containsExactly(3);
        assertThat(guess(1, bounds(2, 4, 6), tokens)).isEmpty();
    }

    /** Against the definition, written down once more and slowly. */
    @Test
    void shouldGuessAsTheDefinitionSays() {
        final Random random = new Random(7);
        for (int round = 0; round < 5_000; round++) {
            final int[] tokens = random.ints(1 + random.nextInt(30), 0, 1 + random.nextInt(4))
                    .toArray();
            final int minMatch = 1 + random.nextInt(3);
            final Speculation bounds = bounds(minMatch, minMatch + random.nextInt(4), 1 + random.nextInt(32));
            final int most = random.nextInt(9);
            assertThat(guess(most, bounds, tokens)).isEqualTo(slowly(most, bounds, tokens));
        }
    }

    private static List<Integer> slowly(final int most, final Speculation bounds, final int... tokens) {
        for (int size = bounds.maxMatch(); size >= bounds.minMatch(); size--) {
            for (int end = tokens.length - 1; end >= Math.max(size, tokens.length - bounds.window()); end--) {
                if (Arrays.equals(tokens, end - size, end, tokens, tokens.length - size, tokens.length)) {
                    final List<Integer> text =
                            new ArrayList<>(Arrays.stream(tokens).boxed().toList());
                    for (int i = 0; i < most; i++) {
                        text.add(text.get(end + i));
                    }
                    return text.subList(tokens.length, tokens.length + most);
                }
            }
        }
        return List.of();
    }
}
