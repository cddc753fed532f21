package io.cheshire.router.core.speculate;

import io.cheshire.settings.SettingReader;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether tokens are guessed, and the bounds of guessing. Output is the same either way.
 *
 * @param isOn           guess at all
 * @param minMatch       tokens at a sequence's end that must have come before, at least
 * @param maxMatch       more of them aren't compared; the longest match wins, the latest of equals
 * @param window         how far back matches are looked for, in tokens
 * @param maxDraft       tokens guessed of one sequence in one step
 * @param maxRowsPerStep rows of guessed tokens in one step of one lane
 */
public record Speculation(boolean isOn, int minMatch, int maxMatch, int window, int maxDraft, int maxRowsPerStep) {
    /** Nothing is guessed. */
    public static final Speculation OFF = new Speculation(false, 1, 1, 1, 1, 1);

    /** Under the engine's section: whether. */
    public static final String KEY = "speculative";

    private static final int MAX_MATCH = 64;
    private static final int MAX_WINDOW = 1 << 16;
    private static final int MAX_DRAFT = 64;
    private static final int MAX_ROWS = 4096;

    public Speculation {
        if (minMatch < 1 || maxMatch < minMatch || window < 1 || maxDraft < 1 || maxRowsPerStep < 1) {
            throw new IllegalArgumentException(
                    "bounds of guessing must be positive, and min-match not above max-match");
        }
    }

    /** Reads {@code speculative} and {@code prompt-lookup} of the engine's section. */
    public static Speculation from(final SettingReader engine) {
        final Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("off", false);
        words.put("prompt-lookup", true);
        final boolean isOn = engine.choice(KEY, words);
        final SettingReader lookup = engine.section("prompt-lookup");
        final int maxMatch = lookup.number("max-match", 1, MAX_MATCH);
        final int minMatch = lookup.number("min-match", 1, MAX_MATCH);
        lookup.require(
                minMatch <= maxMatch,
                "min-match",
                "must not be above " + lookup.key("max-match") + " (" + maxMatch + ")");
        return new Speculation(
                isOn,
                Math.min(minMatch, maxMatch),
                maxMatch,
                lookup.number("window", 1, MAX_WINDOW),
                lookup.number("max-draft", 1, MAX_DRAFT),
                lookup.number("max-rows-per-step", 1, MAX_ROWS));
    }
}
