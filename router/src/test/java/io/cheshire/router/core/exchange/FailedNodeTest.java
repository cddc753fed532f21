package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import io.cheshire.transport.protocol.NackReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes that answer at once that they can't compute: expert e on nodes e mod 4 and the next. */
class FailedNodeTest {
    private final FailoverRig rig = new FailoverRig(2, 4, 2);

    /** Who refuses fast looks quick and idle, and three failures would end the request. */
    @Test
    void shouldAskAReplicaThatIsLateOrSilentBeforeOneThatCouldNotComputeTheShard() {
        rig.begin(0, 2, 5);
        rig.exchange.nodeSuspected(3);
        rig.refuse(rig.sent.getFirst(), NackReason.COMPUTE_FAILED);
        rig.pass(100);

        final Sent next = rig.last();
        assertThat(next.expert()).isEqualTo(2);
        assertThat(next.nodeId()).isEqualTo(3);
        rig.answer(next);
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
        assertThat(rig.counters().poisonedRows()).isZero();
    }

    @Test
    void shouldAskWhoFailedAgainWhereNobodyElseHoldsTheUnit() {
        rig.begin(0, 2, 5);
        rig.exchange.nodeLost(3, 0);
        rig.refuse(rig.sent.getFirst(), NackReason.COMPUTE_FAILED);
        rig.pass(100);

        assertThat(rig.last().nodeId()).isEqualTo(2);
        rig.answer(rig.last());
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
    }

    /** Its first word tells that the others would fare no better: they go elsewhere, and no further one goes there. */
    @Test
    void shouldTakeAllShardsFromANodeThatSaysItsDeviceIsLost() {
        rig.begin(0, 2, 5);
        rig.begin(1, 2, 5);
        final List<Sent> lost =
                rig.sent.stream().filter(sent -> sent.nodeId() == 2).toList();
        assertThat(lost).hasSize(2);
        final int before = rig.sent.size();
        rig.refuse(lost.getFirst(), NackReason.DEVICE_LOST);
        rig.pass(1);

        assertThat(rig.exchange.isConnected(2)).isFalse();
        final List<Sent> again = List.copyOf(rig.sent.subList(before, rig.sent.size()));
        assertThat(again).hasSize(2).extracting(Sent::nodeId).doesNotContain(2);
        rig.refuse(lost.getLast(), NackReason.DEVICE_LOST);
        rig.exchange.nodeLost(2, 0);
        again.forEach(rig::answer);
        rig.sent.subList(0, before).stream().filter(sent -> sent.nodeId() != 2).forEach(rig::answer);
        rig.assertComplete(0, 0);
        rig.assertComplete(1, 0);
        rig.assertBalanced();

        rig.exchange.nodeReady(2, 1);
        assertThat(rig.exchange.isConnected(2)).isTrue();
    }

    @Test
    void shouldWaitForWhoComesBackWhereTheLostDeviceHadTheOnlyCopy() {
        rig.exchange.nodeLost(3, 0);
        rig.begin(0, 2, 5);
        for (int i = 0; i < 5; i++) {
            rig.refuse(rig.sent.getFirst(), NackReason.DEVICE_LOST);
            rig.pass(FailoverRig.CEILING_NS);
        }
        assertThat(rig.exchange.parked(0)).isTrue();
        assertThat(rig.counters().poisonedRows()).isZero();

        rig.exchange.nodeReady(2, 1);
        rig.pass(1);
        rig.answer(rig.last());
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
    }
}
