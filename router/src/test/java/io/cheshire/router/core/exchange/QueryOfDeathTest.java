package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import io.cheshire.transport.protocol.NackReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that end the process that computes them: expert e on all of four nodes, e mod 4 first. */
class QueryOfDeathTest {
    private final FailoverRig rig = FailoverRig.blamingAfter(3, 2, 4, 4);
    private final long[] incarnations = {100, 101, 102, 103};

    QueryOfDeathTest() {
        for (int node = 0; node < rig.nodeCount; node++) {
            rig.exchange.nodeReady(node, incarnations[node]);
        }
    }

    /** Row 2 of expert 1 ends whoever computes it; the others of its shard are harmless. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndThreeNodesAtMostAndFailTheDeadlyRowAlone(final boolean saysItsDeviceIsLost) {
        rig.begin(0, 1, 5, 1, 6, 1, 7, 1, 0);
        final List<Integer> ended = serveUntilComplete(0, 1, 2, saysItsDeviceIsLost);

        assertThat(ended).as("nodes that ended").hasSize(3);
        assertThat(rig.exchange.layerComplete(0)).isTrue();
        for (int row = 0; row < 4; row++) {
            assertThat(rig.exchange.rowPoisoned(0, row))
                    .as("row " + row + " fails")
                    .isEqualTo(row == 2);
        }
        assertThat(rig.counters().poisonedRows()).isEqualTo(1);
        assertThat(rig.counters().sentAlone()).isEqualTo(1);
        rig.assertBalanced();
    }

    @Test
    void shouldShowARowThatMayBeDeadlyToOneNodeAtATime() {
        rig.begin(0, 1, 5);
        loseHolderOf(1);
        loseHolderOf(1);
        final Sent alone = lastOf(1);
        rig.pass(FailoverRig.CEILING_NS * 2);
        rig.exchange.nodeSuspected(alone.nodeId());
        rig.pass(FailoverRig.CEILING_NS * 2);

        assertThat(lastOf(1)).as("late and silent, and still not hedged").isEqualTo(alone);
    }

    /** The question or its answer may be lost, as for any other row. */
    @Test
    void shouldAskAgainForARowThatMayBeDeadlyWhenNoAnswerComes() {
        rig.begin(0, 1, 5);
        loseHolderOf(1);
        loseHolderOf(1);
        final int before = rig.sent.size();

        rig.pass(FailoverRig.ANSWER_TIMEOUT_NS * 2);

        assertThat(rig.sent.subList(before, rig.sent.size()))
                .anySatisfy(sent -> assertThat(sent.expert()).isEqualTo(1));
        rig.sent.subList(before, rig.sent.size()).forEach(rig::answer);
        rig.sent.stream().filter(sent -> sent.expert() == 5).forEach(rig::answer);
        rig.assertComplete(0, 0);
    }

    @Test
    void shouldGoOnForEverWhenOneNodesConnectionBreaksAgainAndAgain() {
        final FailoverRig single = FailoverRig.blamingAfter(3, 1, 4, 1);
        single.begin(0, 1, 5);
        for (int i = 0; i < 10; i++) {
            single.exchange.nodeLost(1, 7);
            single.exchange.nodeReady(1, 7);
            single.pass(1000);
        }
        single.sent.stream().filter(s -> s.expert() == 5).forEach(single::answer);
        single.answer(single.sent.stream().filter(s -> s.expert() == 1).toList().getLast());

        single.assertComplete(0, 0);
        assertThat(single.counters().poisonedRows()).isZero();
    }

    /** Nodes answer what they are sent, but for one row that ends them; they are started again at once. */
    private List<Integer> serveUntilComplete(
            final int lane, final int deadlyExpert, final int deadlyRow, final boolean saysItsDeviceIsLost) {
        final List<Integer> ended = new ArrayList<>();
        for (int turn = 0; turn < 100 && !rig.exchange.layerComplete(lane); turn++) {
            final List<Sent> open = List.copyOf(rig.sent);
            rig.sent.clear();
            for (final Sent sent : open) {
                if (sent.expert() == deadlyExpert && sent.rows().contains(deadlyRow)) {
                    ended.add(sent.nodeId());
                    if (saysItsDeviceIsLost) {
                        rig.refuse(sent, NackReason.DEVICE_LOST);
                    } else {
                        rig.exchange.nodeLost(sent.nodeId(), incarnations[sent.nodeId()]);
                    }
                    incarnations[sent.nodeId()] += rig.nodeCount;
                    rig.exchange.nodeReady(sent.nodeId(), incarnations[sent.nodeId()]);
                } else {
                    rig.answer(sent);
                }
            }
            rig.pass(FailoverRig.FLOOR_NS);
        }
        return ended;
    }

    private void loseHolderOf(final int expert) {
        final int nodeId = lastOf(expert).nodeId();
        rig.exchange.nodeLost(nodeId, incarnations[nodeId]);
        rig.pump();
    }

    private Sent lastOf(final int expert) {
        return rig.sent.stream().filter(s -> s.expert() == expert).toList().getLast();
    }
}
