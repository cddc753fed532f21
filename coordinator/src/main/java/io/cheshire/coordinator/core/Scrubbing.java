package io.cheshire.coordinator.core;

import io.cheshire.coordinator.core.NodeUnits.LoadFailure;
import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the copies of a unit answer to the same row. One object serves one event.
 *
 * <p>Copies are loaded from the same bytes, so when they disagree, the memory or the processor of one of them is at
 * fault, and its bytes can't be asked for any more: kernels keep them packed. Three or more copies vote, and those
 * outvoted are let go. Two can't: the one that wasn't the first is let go, loaded anew from its file, and compared
 * again at once; if they still disagree, it was the other, which is let go in its turn. A copy that is let go isn't
 * listed, and one is always left to serve.
 */
final class Scrubbing {
    private final StateBuilder draft;

    Scrubbing(final StateBuilder draft) {
        this.draft = draft;
    }

    /** Begins the next comparison, unless one is open or there is nothing to compare. */
    void begin(final long seed) {
        final Scrub scrub = draft.scrub;
        if (scrub.open() != null || !draft.formed) {
            return;
        }
        final int units = draft.rules.model().unitCount();
        for (final int unit : scrub.blamed().keySet()) {
            if (begin(unit, scrub.nextUnit(), seed)) {
                return;
            }
        }
        for (int i = 0; i < units; i++) {
            final int unit = (scrub.nextUnit() + i) % units;
            if (begin(unit, (unit + 1) % units, seed)) {
                return;
            }
        }
    }

    private boolean begin(final int unit, final int next, final long seed) {
        final ExpertKey key = key(unit);
        final SortedMap<Integer, Long> asked = new TreeMap<>();
        for (final int nodeId : draft.placement().nodesByUnit().get(unit)) {
            final NodeMember node = draft.nodes.get(nodeId);
            if (node != null && node.serves(key) && !node.leaving()) {
                asked.put(nodeId, node.hello().incarnation());
            }
        }
        if (asked.size() < 2) {
            return false;
        }
        draft.scrub = draft.scrub.begin(
                new Scrub.Open(unit, asked, new TreeMap<>(), draft.nowNs + draft.rules.scrubTimeoutNs()), next);
        asked.keySet()
                .forEach(nodeId -> draft.effect(new PlacementEffect.Probe(nodeId, draft.scrub.lastId(), key, seed)));
        return true;
    }

    void answered(final CoordinatorCommand.UnitProbed probed) {
        final Scrub.Open open = draft.scrub.open();
        if (open == null
                || probed.probeId() != draft.scrub.lastId()
                || !Long.valueOf(probed.incarnation()).equals(open.asked().get(probed.nodeId()))) {
            return;
        }
        if (probed.answerSha256().isEmpty()) {
            draft.scrub = draft.scrub.skip();
            return;
        }
        final Scrub.Open now = open.answered(probed.nodeId(), probed.answerSha256());
        draft.scrub = draft.scrub.waiting(now);
        if (now.isWhole()) {
            compare(now);
        }
    }

    /** Time passed. */
    void expire() {
        final Scrub.Open open = draft.scrub.open();
        if (open != null && draft.nowNs - open.deadlineNs() >= 0) {
            draft.scrub = draft.scrub.skip();
        }
    }

    private void compare(final Scrub.Open open) {
        final SortedMap<String, List<Integer>> nodesByAnswer = new TreeMap<>();
        open.answers()
                .forEach((nodeId, answer) -> nodesByAnswer
                        .computeIfAbsent(answer, none -> new ArrayList<>())
                        .add(nodeId));
        if (nodesByAnswer.size() == 1) {
            draft.scrub = draft.scrub.agree(open.unit());
            return;
        }
        final Scrub.Blame before = draft.scrub.blamed().get(open.unit());
        final int times = before == null ? 1 : before.times() + 1;
        final List<Integer> outvoted = outvoted(nodesByAnswer);
        final List<Integer> letGo = outvoted.isEmpty() ? List.of(suspect(open, before)) : outvoted;
        final SortedSet<Integer> kept = new TreeSet<>(open.answers().keySet());
        kept.removeAll(letGo);
        draft.scrub = draft.scrub.disagree(open.unit(), new Scrub.Blame(kept, times));
        final long pauseNs = draft.rules.loads().retryAfterNs(times);
        final ExpertKey key = key(open.unit());
        for (final int nodeId : letGo) {
            final NodeMember node = draft.nodes.get(nodeId);
            if (node != null && node.units().held().containsKey(key)) {
                draft.put(node.with(
                        node.units().distrust(key).failed(key, new LoadFailure(times, draft.nowNs + pauseNs))));
            }
        }
        draft.note(
                Kind.REPLICAS_DISAGREE,
                "copies of " + key + " answered one row differently: " + nodesByAnswer + "; "
                        + (outvoted.isEmpty() ? "who is right can't be told, so" : "outvoted, so")
                        + " the copy on node "
                        + letGo + " is used no more and is loaded again in " + pauseNs / 1_000_000 + " ms (time "
                        + times
                        + " in a row). They were loaded from the same bytes, so memory or processor of one of these"
                        + " hosts is at fault: look for machine checks there; replies since the last comparison may be"
                        + " wrong");
    }

    /** Nodes whose answer isn't that of the most; none where no answer has most. */
    private static List<Integer> outvoted(final SortedMap<String, List<Integer>> nodesByAnswer) {
        final int most =
                nodesByAnswer.values().stream().mapToInt(List::size).max().orElse(0);
        final boolean decided = nodesByAnswer.values().stream()
                        .filter(nodes -> nodes.size() == most)
                        .count()
                == 1;
        return decided
                ? nodesByAnswer.values().stream()
                        .filter(nodes -> nodes.size() < most)
                        .flatMap(List::stream)
                        .sorted()
                        .toList()
                : List.of();
    }

    /**
     * One that was there last time and was kept: all others were loaded since. The first time one whose bytes weren't
     * the measure.
     */
    private int suspect(final Scrub.Open open, final Scrub.@Nullable Blame before) {
        final UnitDigests.Reference first = draft.digests.of(key(open.unit()));
        final SortedSet<Integer> suspects = new TreeSet<>(open.answers().keySet());
        if (before != null && !Collections.disjoint(before.kept(), suspects)) {
            suspects.retainAll(before.kept());
        } else if (first != null) {
            suspects.remove(first.nodeId());
        }
        return suspects.last();
    }

    private ExpertKey key(final int unit) {
        return ExpertKey.ofUnitIndex(unit, draft.rules.model().expertsPerLayer());
    }
}
