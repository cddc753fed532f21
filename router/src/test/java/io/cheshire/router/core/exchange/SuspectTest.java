package io.cheshire.router.core.exchange;

import static io.cheshire.router.core.exchange.FailoverRig.CEILING_NS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.exchange.FailoverRig.Sent;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Nodes that fall silent, are lost, and come back: expert e on nodes e mod 4 and the next, and, in some tests, on one
 * only.
 */
class SuspectTest {
    private final FailoverRig rig = new FailoverRig(2, 4, 2);

    @Test
    void shouldSendAllOpenShardsOfASuspectElsewhereAtOnceWhateverTheBudget() {
        spendTheBudget();
        rig.begin(0, 2, 5, 2, 5);
        assertThat(rig.sent.getFirst().nodeId()).isEqualTo(2);
        rig.exchange.nodeSuspected(2);
        rig.pump();
        assertThat(rig.sent).hasSize(3);
        assertThat(rig.last().nodeId()).isEqualTo(3);
        assertThat(rig.last().rows()).containsExactly(0, 1);
    }

    private void spendTheBudget() {
        for (int i = 0; i < 2 * FailoverRig.BURST && rig.counters().hedgesDenied() == 0; i++) {
            rig.begin(1, 0, 2);
            rig.pass(CEILING_NS);
            rig.sent.forEach(rig::answer);
            rig.sent.clear();
        }
    }

    @Test
    void shouldStillTakeASuspectsAnswer() {
        rig.begin(0, 2, 5);
        rig.exchange.nodeSuspected(2);
        rig.pump();
        rig.answer(rig.sent.get(0));
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
        rig.answer(rig.sent.get(2));
        assertThat(rig.counters().lateRows()).isEqualTo(1);
        rig.assertBalanced();
    }

    @Test
    void shouldNotChooseASuspectWhileAnotherReplicaLives() {
        rig.exchange.nodeSuspected(2);
        rig.begin(0, 2, 5);
        assertThat(rig.sent).extracting(Sent::nodeId).containsExactly(3, 1);
        assertThat(rig.exchange.stranded(0)).isFalse();
        assertThat(rig.exchange.unansweredUnits()).isEmpty();
    }

    @Test
    void shouldWaitForASuspectWhereNobodyElseHoldsTheUnit() {
        final FailoverRig alone = new FailoverRig(1, 4, 1);
        alone.begin(0, 2, 5);
        alone.exchange.nodeSuspected(2);
        alone.pump();
        assertThat(alone.sent).hasSize(2);
        assertThat(alone.exchange.stranded(0)).isTrue();
        assertThat(alone.exchange.parked(0)).isFalse();
        assertThat(alone.exchange.missingUnit(0)).isEqualTo("expert 2 of layer 0");
        assertThat(alone.exchange.unansweredUnits())
                .containsExactlyElementsOf(IntStream.range(0, FailoverRig.MODEL.unitCount())
                        .filter(unit -> unit % 4 == 2)
                        .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, FailoverRig.MODEL.expertCount()))
                        .toList());
        alone.sent.forEach(alone::answer);
        alone.assertComplete(0, 0);

        alone.begin(0, 2, 5);
        assertThat(alone.last().nodeId()).as("it may only be paused").isEqualTo(1);
        assertThat(alone.sent.get(2).nodeId()).isEqualTo(2);
        alone.exchange.nodeRecovered(2);
        assertThat(alone.exchange.unansweredUnits()).isEmpty();
        assertThat(alone.exchange.stranded(0)).isFalse();
        alone.sent.subList(2, 4).forEach(alone::answer);
        alone.assertComplete(0, 0);
        alone.assertBalanced();
    }

    @Test
    void shouldLeaveASuspectAsSoonAsAPlacementNamesAnotherNode() {
        final FailoverRig alone = new FailoverRig(1, 4, 1);
        alone.begin(0, 2, 5);
        alone.exchange.nodeSuspected(2);
        alone.pump();
        alone.exchange.placement(alone.placement(2, 2));
        alone.pump();
        assertThat(alone.nodesOf(0)).containsExactly(2, 3);
    }

    @Test
    void shouldReAdmitANodeSlowlyAfterSilenceAndAfterALostConnection() {
        rig.exchange.nodeSuspected(2);
        rig.exchange.nodeRecovered(2);
        rig.exchange.nodeLost(0, 0);
        rig.exchange.nodeReady(0, 0);
        assertThat(rig.node(2).slow()).isTrue();
        assertThat(rig.node(0).slow()).isTrue();
        assertThat(rig.node(1).slow()).isFalse();
        for (int i = 0; i < 400; i++) {
            rig.begin(0, 2, 0);
            rig.nowNs += 20;
            rig.sent.forEach(rig::answer);
            rig.sent.clear();
            rig.assertComplete(0, 0);
        }
        assertThat(rig.counters().trickled()).isPositive();
        assertThat(rig.node(2).slow()).isFalse();
        assertThat(rig.node(0).slow()).isFalse();
        rig.assertBalanced();
    }

    @Test
    void shouldIgnoreARecoveryOfANodeThatIsGoneAndASuspicionOfOneThatIsNotConnected() {
        rig.exchange.nodeSuspected(2);
        rig.exchange.nodeLost(2, 2);
        rig.exchange.nodeRecovered(2);
        assertThat(rig.exchange.isConnected(2)).isFalse();
        rig.exchange.nodeSuspected(2);
        assertThat(rig.exchange.isConnected(2)).isFalse();
        assertThat(rig.counters().suspicions()).isEqualTo(1);
    }

    @Test
    void shouldNotLearnFromTheAnswersOfANodeThatWasAway() {
        for (int i = 0; i < 8; i++) {
            rig.begin(0, 2, 5);
            rig.nowNs += 200;
            rig.sent.forEach(rig::answer);
            rig.sent.clear();
        }
        rig.begin(0, 2, 5);
        rig.exchange.nodeSuspected(2);
        rig.pass(50_000);
        rig.exchange.nodeRecovered(2);
        rig.sent.forEach(rig::answer);
        assertThat(rig.node(2).deadlineNs()).isEqualTo(600);
    }

    @Test
    void shouldReportUnitsOfNodesThatNeverConnectedOnlyOnceTheyAreLost() {
        rig.exchange.placement(new io.cheshire.coordinator.protocol.Placement(
                2,
                FailoverRig.MODEL.expertCount(),
                IntStream.range(0, FailoverRig.MODEL.unitCount())
                        .mapToObj(unit -> java.util.List.of(7))
                        .toList()));
        assertThat(rig.exchange.unansweredUnits()).as("it connects").isEmpty();
        rig.exchange.nodeLost(7, 7);
        assertThat(rig.exchange.unansweredUnits()).hasSize(FailoverRig.MODEL.unitCount());
    }
}
