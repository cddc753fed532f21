package io.cheshire.http.runtime;

import io.cheshire.settings.SettingReader;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.plan}, the plan that a router is held against; {@code reference.conf} explains each value.
 *
 * @param file   of the plan, or null where there is none
 * @param every  between two looks
 * @param window of time that is judged
 */
public record PlanConfig(@Nullable String file, Duration every, Duration window) {
    /** The section. */
    public static final String SECTION = "cheshire.plan";

    /** For messages and commands. */
    public static final String FILE = SECTION + ".file";

    /** No plan. */
    public static final PlanConfig NONE = new PlanConfig(null, Duration.ofSeconds(5), Duration.ofSeconds(30));

    private static final Duration LEAST_EVERY = Duration.ofMillis(200);
    private static final Duration MOST_EVERY = Duration.ofMinutes(1);
    private static final Duration MOST_WINDOW = Duration.ofMinutes(15);

    /** Reads it of a whole configuration. No file is looked at. */
    static PlanConfig from(final SettingReader root) {
        final SettingReader plan = root.section(SECTION);
        final String file = plan.textOrEmpty("file");
        final Duration every = plan.duration("every", LEAST_EVERY, MOST_EVERY);
        final Duration window = plan.duration("window", LEAST_EVERY, MOST_WINDOW);
        plan.require(
                window.compareTo(every) >= 0,
                "window",
                "must not be shorter than " + SECTION + ".every: a window has at least two looks");
        return new PlanConfig(file.isBlank() ? null : file, every, window);
    }
}
