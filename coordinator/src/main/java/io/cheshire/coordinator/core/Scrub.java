package io.cheshire.coordinator.core;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far the comparing of copies has got: one row, drawn anew each time, through all copies of one unit after the
 * other. Immutable.
 *
 * @param nextUnit  index of the unit to be compared next
 * @param lastId    number of the comparison begun last
 * @param open      the one that waits for answers, if any
 * @param blamed    units whose copies disagreed and haven't agreed since → how they did
 * @param agreed    comparisons in which all answered alike
 * @param disagreed comparisons in which they did not
 * @param skipped   comparisons without a result
 */
record Scrub(
        int nextUnit,
        long lastId,
        @Nullable Open open,
        SortedMap<Integer, Blame> blamed,
        long agreed,
        long disagreed,
        long skipped) {
    /** Before the first. */
    static final Scrub NONE = new Scrub(0, 0, null, new TreeMap<>(), 0, 0, 0);

    /**
     * A comparison that waits for answers.
     *
     * @param unit       index of the unit
     * @param asked      nodes asked → incarnation
     * @param answers    nodes that answered → digest of the answer
     * @param deadlineNs when it is given up
     */
    record Open(int unit, SortedMap<Integer, Long> asked, SortedMap<Integer, String> answers, long deadlineNs) {
        Open {
            asked = Collections.unmodifiableSortedMap(new TreeMap<>(asked));
            answers = Collections.unmodifiableSortedMap(new TreeMap<>(answers));
        }

        Open answered(final int nodeId, final String answerSha256) {
            final SortedMap<Integer, String> all = new TreeMap<>(answers);
            all.put(nodeId, answerSha256);
            return new Open(unit, asked, all, deadlineNs);
        }

        boolean isWhole() {
            return answers.size() == asked.size();
        }
    }

    /**
     * How copies of a unit disagreed last.
     *
     * @param kept  nodes whose copies took part and were kept: whoever they disagree with again was loaded since
     * @param times how often copies of this unit disagreed in a row
     */
    record Blame(SortedSet<Integer> kept, int times) {
        Blame {
            kept = Collections.unmodifiableSortedSet(new TreeSet<>(kept));
        }
    }

    Scrub {
        blamed = Collections.unmodifiableSortedMap(new TreeMap<>(blamed));
    }

    Scrub begin(final Open begun, final int next) {
        return new Scrub(next, lastId + 1, begun, blamed, agreed, disagreed, skipped);
    }

    Scrub waiting(final Open with) {
        return new Scrub(nextUnit, lastId, with, blamed, agreed, disagreed, skipped);
    }

    Scrub skip() {
        return new Scrub(nextUnit, lastId, null, blamed, agreed, disagreed, skipped + 1);
    }

    Scrub agree(final int unit) {
        final SortedMap<Integer, Blame> left = new TreeMap<>(blamed);
        left.remove(unit);
        return new Scrub(nextUnit, lastId, null, left, agreed + 1, disagreed, skipped);
    }

    Scrub disagree(final int unit, final Blame blame) {
        final SortedMap<Integer, Blame> more = new TreeMap<>(blamed);
        more.put(unit, blame);
        return new Scrub(nextUnit, lastId, null, more, agreed, disagreed + 1, skipped);
    }
}
