package io.cheshire.ops.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings that nobody reads, each with the one that was probably meant. */
final class UnknownKeys {
    /** Beyond so many letters that differ nobody meant it. */
    private static final int MOST_TYPOS = 3;

    /** Sections that have another name since. */
    private static final Map<String, String> RENAMED = Map.of(ApiConfig.SECTION + ".ops", OpsConfig.SECTION);

    private UnknownKeys() {}

    /**
     * Finds them.
     *
     * @param asked     what people set
     * @param reference names every setting there is
     * @param root      section that is looked at
     * @return a problem in words for each
     */
    static List<String> in(final Config asked, final Config reference, final String root) {
        final List<String> problems = new ArrayList<>();
        if (asked.root().get(root) instanceof final ConfigObject set
                && reference.root().get(root) instanceof final ConfigObject known) {
            collect(set, known, root, problems);
        }
        return List.copyOf(problems);
    }

    private static void collect(
            final ConfigObject set, final ConfigObject known, final String path, final List<String> problems) {
        for (final Map.Entry<String, ConfigValue> entry : set.entrySet()) {
            final String name = entry.getKey();
            final ConfigValue expected = known.get(name);
            final String now = RENAMED.get(path + "." + name);
            if (now != null) {
                renamed(entry.getValue(), path + "." + name, now, problems);
            } else if (expected == null) {
                problems.add(path + "." + name + ": unknown; " + remedy(name, known, path));
            } else if (entry.getValue() instanceof final ConfigObject section
                    && expected instanceof final ConfigObject settings
                    && !settings.isEmpty()) {
                collect(section, settings, path + "." + name, problems);
            }
        }
    }

    private static void renamed(
            final ConfigValue value, final String before, final String now, final List<String> problems) {
        if (value instanceof final ConfigObject section) {
            section.forEach((name, each) -> renamed(each, before + "." + name, now + "." + name, problems));
        } else {
            problems.add(before + ": is called " + now + " now; set that instead");
        }
    }

    private static String remedy(final String name, final ConfigObject known, final String path) {
        final String nearest = nearest(name, known);
        return nearest == null
                ? "every known key stands in a module's reference.conf with its meaning"
                : "did you mean " + path + "." + nearest + "?";
    }

    private static @Nullable String nearest(final String name, final ConfigObject known) {
        return known.keySet().stream()
                .min(Comparator.comparingInt((String each) -> distance(name, each))
                        .thenComparing(each -> each))
                .filter(each -> distance(name, each) <= Math.min(MOST_TYPOS, name.length() / 2))
                .orElse(null);
    }

    /** Letters to insert, delete or replace (Levenshtein). */
    private static int distance(final String one, final String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            final int[] next = new int[other.length() + 1];
            next[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                final int replaced = row[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(replaced, Math.min(row[j], next[j - 1]) + 1);
            }
            row = next;
        }
        return row[other.length()];
    }
}
