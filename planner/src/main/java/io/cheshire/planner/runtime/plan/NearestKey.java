package io.cheshire.planner.runtime.plan;

import java.util.Collection;
import java.util.Comparator;

/** What somebody probably meant by a misspelt key. */
final class NearestKey {
    private NearestKey() {}

    /** The known key that takes the fewest changes of a letter. */
    static String of(final String key, final Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String each) -> distance(key, each)))
                .orElseThrow();
    }

    /** Levenshtein's distance. */
    private static int distance(final String one, final String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            final int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                final int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                now[j] = Math.min(before[j - 1] + change, 1 + Math.min(before[j], now[j - 1]));
            }
            before = now;
        }
        return before[other.length()];
    }
}
