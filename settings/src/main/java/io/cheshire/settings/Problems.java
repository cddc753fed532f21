package io.cheshire.settings;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What is wrong with a configuration, in the order in which it was found, each once. */
final class Problems {
    private final Map<String, String> flags;
    private final Set<String> found = new LinkedHashSet<>();
    private final Set<String> wrongKeys = new HashSet<>();
    private final Set<String> keysRead = new LinkedHashSet<>();

    /** @param flags by the key that they set */
    Problems(final Map<String, String> flags) {
        this.flags = flags;
    }

    void read(final String key) {
        keysRead.add(key);
    }

    Set<String> keysRead() {
        return keysRead;
    }

    /** Notes the first problem of a setting: what else is said of a wrong value means little. */
    void add(final String key, final String value, final String mustBe) {
        final String flag = flags.get(key);
        if (wrongKeys.add(key)) {
            add(key + (flag == null ? "" : " (" + flag + ")") + value + ": " + mustBe);
        }
    }

    void add(final String words) {
        found.add(words);
    }

    void throwIfAny() {
        if (found.size() == 1) {
            throw new IllegalArgumentException(
                    "configuration: " + found.iterator().next());
        }
        if (!found.isEmpty()) {
            throw new IllegalArgumentException(
                    "configuration: " + found.size() + " problems\n  " + String.join("\n  ", found));
        }
    }
}
