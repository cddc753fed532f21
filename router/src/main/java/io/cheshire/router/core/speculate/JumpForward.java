package io.cheshire.router.core.speculate;

import io.cheshire.settings.SettingReader;

/**
 * Whether, and how far, a sequence jumps over what its grammar leaves no choice of. Output is the same either way.
 *
 * @param isOn           jump at all
 * @param maxTokens      tokens of one sequence in one step
 * @param maxRowsPerStep rows of one step of one lane for those that other tokens could stand for: each has logits
 */
public record JumpForward(boolean isOn, int maxTokens, int maxRowsPerStep) {
    /** Nothing is jumped over. */
    public static final JumpForward OFF = new JumpForward(false, 1, 1);

    /** Under the engine's section. */
    public static final String KEY = "jump-forward";

    private static final int MAX_TOKENS = 64;
    private static final int MAX_ROWS = 4096;

    public JumpForward {
        if (maxTokens < 1 || maxRowsPerStep < 1) {
            throw new IllegalArgumentException("bounds of jumps must be positive");
        }
    }

    /** Within the same bounds, whether or not these are used. */
    public JumpForward on() {
        return new JumpForward(true, maxTokens, maxRowsPerStep);
    }

    /** Reads {@code jump-forward} of the engine's section. */
    public static JumpForward from(final SettingReader engine) {
        final SettingReader jumps = engine.section(KEY);
        return new JumpForward(
                jumps.flag("enabled"),
                jumps.number("max-tokens", 1, MAX_TOKENS),
                jumps.number("max-rows-per-step", 1, MAX_ROWS));
    }
}
