package io.cheshire.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Texts that lines of level ERROR may contain: those of the test classes that run now, and of the last one that ended,
 * since its threads may still be on their way out. Safe from any thread.
 */
final class ExpectedTexts {
    /** Texts of one class: all, those of tests that have begun, and those that a line has contained. */
    private record Texts(Set<String> all, Set<String> ofTests, Set<String> seen) {
        Texts() {
            this(new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
        }
    }

    private final Map<String, Texts> running = new LinkedHashMap<>();
    private Texts lastEnded = new Texts();

    /** The class of this name begins: any of its tests may have these logged, none need. */
    synchronized void begin(final String testClass, final List<String> texts) {
        final Texts begun = new Texts();
        begun.all().addAll(texts);
        running.put(testClass, begun);
    }

    /** A test of it begins, which has these logged. */
    synchronized void add(final String testClass, final List<String> texts) {
        final Texts begun = running.computeIfAbsent(testClass, name -> new Texts());
        begun.all().addAll(texts);
        begun.ofTests().addAll(texts);
    }

    /** Those of the lines that contain no expected text. */
    synchronized List<String> unexpectedOf(final List<String> lines) {
        final List<String> unexpected = new ArrayList<>();
        for (final String line : lines) {
            boolean isExpected = match(lastEnded, line);
            for (final Texts texts : running.values()) {
                isExpected |= match(texts, line);
            }
            if (!isExpected) {
                unexpected.add(line);
            }
        }
        return unexpected;
    }

    private static boolean match(final Texts texts, final String line) {
        boolean matches = false;
        for (final String text : texts.all()) {
            if (line.contains(text)) {
                texts.seen().add(text);
                matches = true;
            }
        }
        return matches;
    }

    /** The class ends; returns the texts of its tests that no line contained. */
    synchronized Set<String> end(final String testClass) {
        final Texts texts = running.remove(testClass);
        lastEnded = texts == null ? new Texts() : texts;
        final Set<String> unseen = new LinkedHashSet<>(lastEnded.ofTests());
        unseen.removeAll(lastEnded.seen());
        return unseen;
    }
}
