package io.cheshire.router.core.exchange;

import static io.cheshire.router.core.exchange.FailoverRig.BURST;
import static io.cheshire.router.core.exchange.FailoverRig.CEILING_NS;
import static io.cheshire.router.core.exchange.FailoverRig.FLOOR_NS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shards that are late, on four nodes with two replicas of each unit: expert e on nodes e mod 4 and the next. */
class HedgingTest {
    private final FailoverRig rig = new FailoverRig(2, 4, 2);

    @Test
    void shouldAskAnotherReplicaOnceTheDeadlineHasPassed() {
        rig.begin(0, 2, 5);
        rig.pass(CEILING_NS - 1);
        assertThat(rig.sent).hasSize(2);
        rig.pass(1);
        assertThat(rig.nodesOf(0)).containsExactly(2, 3);
        assertThat(rig.nodesOf(1)).containsExactly(1, 2);
        assertThat(rig.counters().hedges()).isEqualTo(2);
        assertThat(rig.counters().hedgedRows()).isEqualTo(2);
        rig.pass(10 * CEILING_NS - CEILING_NS - 1);
        assertThat(rig.sent).as("both replicas have it: nobody else to ask").hasSize(4);
    }

    @Test
    void shouldTakeTheFirstAnswerAndDropTheOther() {
        rig.begin(0, 2, 5);
        rig.pass(CEILING_NS);
        final Sent first = rig.sent.get(0);
        final Sent hedge = rig.sent.stream()
                .filter(s -> s.shardId() == first.shardId())
                .toList()
                .getLast();
        rig.answer(hedge);
        assertThat(rig.counters().hedgesWon()).isEqualTo(1);
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
        assertThat(rig.counters().hedgesWasted())
                .as("the other shard's first node answered after all")
                .isEqualTo(1);
        assertThat(rig.exchange.counters().stragglers().byNode())
                .containsExactly(Map.entry(rig.sent.get(1).nodeId(), 1L));

        assertThat(rig.node(2).openRows())
                .as("still owed by the loser and by the other hedge's node")
                .isEqualTo(2);
        rig.begin(0, 3, 4); // the same places again, for others
        rig.answer(first);
        assertThat(rig.counters().lateRows()).isEqualTo(1);
        assertThat(rig.exchange.layerComplete(0)).isFalse();
        answerAll(rig.sent.subList(2, rig.sent.size()), hedge);
        rig.assertComplete(0, 0);
        assertThat(rig.counters().hedgesWon()).isEqualTo(1);
        assertThat(rig.counters().lateRows()).isEqualTo(2);
        rig.assertBalanced();
    }

    private void answerAll(final List<Sent> these, final Sent butOne) {
        List.copyOf(these).stream().filter(s -> !s.equals(butOne)).forEach(rig::answer);
    }

    @Test
    void shouldHedgeOnlyTheRowsThatAreMissingAndLetRowsMix() {
        rig.begin(0, 2, 5, 2, 5, 2, 5);
        rig.answer(rig.sent.get(1));
        rig.answer(rig.sent.get(0), 1, 1);
        rig.pass(CEILING_NS);
        assertThat(rig.last().rows()).containsExactly(0, 2);
        assertThat(rig.last().nodeId()).isEqualTo(3);
        rig.answer(rig.last(), 1, 1);
        rig.answer(rig.sent.get(0), 2, 1);
        assertThat(rig.counters().lateRows()).isEqualTo(1);
        rig.answer(rig.sent.get(0), 0, 1);
        rig.assertComplete(0, 0);
        assertThat(rig.counters().hedgesWon()).isZero();
        rig.answer(rig.last(), 0, 1);
        rig.assertBalanced();
    }

    @Test
    void shouldDropAnAnswerThatComesTwice() {
        rig.begin(0, 2, 5, 2, 5);
        rig.answer(rig.sent.get(0), 0, 1);
        rig.answer(rig.sent.get(0), 0, 1);
        assertThat(rig.counters().duplicateRows()).isEqualTo(1);
        assertThat(rig.node(2).openRows()).isEqualTo(2);
        rig.answer(rig.sent.get(0), 1, 1);
        rig.answer(rig.sent.get(1));
        rig.assertComplete(0, 0);
        rig.answer(rig.sent.get(1));
        assertThat(rig.counters().lateRows()).as("of a shard that is forgotten").isEqualTo(2);
        rig.assertBalanced();
    }

    @Test
    void shouldLearnADeadlineFromEachNodesAnswers() {
        for (int i = 0; i < 8; i++) {
            layer(200, 2, 5);
        }
        assertThat(rig.node(2).deadlineNs()).isEqualTo(600);
        assertThat(rig.node(0).deadlineNs())
                .as("nothing is known of it, but of the others")
                .isEqualTo(600);
        rig.begin(0, 2, 5);
        rig.answer(rig.last());
        rig.pass(599);
        assertThat(rig.counters().hedges()).isZero();
        rig.pass(1);
        assertThat(rig.counters().hedges()).isEqualTo(1);
    }

    @Test
    void shouldKeepDeadlinesBetweenFloorAndCeiling() {
        for (int i = 0; i < 8; i++) {
            layer(1, 2, 5);
        }
        assertThat(rig.node(2).deadlineNs()).isEqualTo(FLOOR_NS);
        for (int i = 0; i < 200; i++) {
            layer(CEILING_NS - 1, 2, 5);
        }
        assertThat(rig.node(2).deadlineNs()).isEqualTo(CEILING_NS);
    }

    @Test
    void shouldNotTakeLargeShardsForSlowness() {
        for (int i = 0; i < 20; i++) {
            layer(100, 2, 5);
            layer(5_000, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5);
        }
        assertThat(rig.node(2).deadlineNs()).isEqualTo(300);
        assertThat(rig.node(2).slow()).isFalse();
        assertThat(rig.counters().hedges()).isZero();
    }

    @Test
    void shouldPreferOthersWhileANodeOwesAnOverdueAnswer() {
        rig.begin(0, 2, 5);
        rig.answer(rig.sent.get(1));
        rig.pass(CEILING_NS);
        rig.begin(1, 2, 5);
        assertThat(rig.nodesOf(2)).as("node 2 is late").containsExactly(3);
        rig.answer(rig.sent.get(0));
        rig.answer(rig.sent.get(3));
        rig.begin(0, 2, 5);
        assertThat(rig.nodesOf(4)).as("node 2 has answered").containsExactly(2);
    }

    @Test
    void shouldNotHedgeToANodeThatIsLateItself() {
        rig.begin(0, 2, 3);
        rig.pass(CEILING_NS);
        // Expert 3 goes on to node 0; expert 2 could only go to node 3, which is as late.
        assertThat(rig.nodesOf(1)).containsExactly(3, 0);
        assertThat(rig.nodesOf(0)).containsExactly(2);
        rig.answer(rig.sent.get(1));
        rig.pass(CEILING_NS);
        assertThat(rig.nodesOf(0)).containsExactly(2, 3);
    }

    @Test
    void shouldGoOnWaitingWhenAHedgeIsRefused() {
        rig.begin(0, 2, 5);
        rig.answer(rig.sent.get(1));
        rig.pass(CEILING_NS);
        rig.refuse(rig.last(), NackReason.OVERLOADED);
        rig.pass(CEILING_NS);
        assertThat(rig.sent)
                .as("who refused it isn't asked again while another has it")
                .hasSize(3);
        assertThat(rig.exchange.allSent(0)).isTrue();
        rig.answer(rig.sent.get(0));
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    @Test
    void shouldGoOnWithTheHedgeWhenTheFirstNodeRefusesOrIsLost() {
        rig.begin(0, 2, 5);
        rig.pass(CEILING_NS);
        rig.refuse(rig.sent.get(0), NackReason.DRAINING);
        rig.exchange.nodeLost(1, 1);
        rig.pump();
        assertThat(rig.sent).hasSize(4);
        assertThat(rig.exchange.allSent(0)).isTrue();
        rig.answer(rig.sent.get(2));
        rig.answer(rig.sent.get(3));
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    @Test
    void shouldStartOverWhenEverybodyWhoHasItIsLost() {
        rig.begin(0, 2, 5, 2, 5);
        rig.answer(rig.sent.get(1));
        rig.answer(rig.sent.get(0), 1, 1);
        rig.pass(CEILING_NS);
        rig.exchange.nodeLost(2, 2);
        rig.exchange.nodeLost(3, 3);
        rig.pump();
        assertThat(rig.exchange.parked(0)).isTrue();
        rig.exchange.nodeReady(3, 0);
        rig.pump();
        assertThat(rig.exchange.parked(0)).isFalse();
        assertThat(rig.last()).isEqualTo(new Sent(0, 0, 2, 3, 0, 2, List.of(0)));
        rig.answer(rig.last());
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    @Test
    void shouldBoundHedgesWhenEverythingIsLate() {
        int shards = 0;
        for (int i = 0; i < 200; i++) {
            rig.begin(0, 0, 2);
            rig.pass(CEILING_NS);
            rig.sent.forEach(rig::answer);
            shards += 2;
            rig.sent.clear();
            rig.assertComplete(0, 0);
        }
        assertThat(rig.counters().hedges()).isBetween((long) BURST, BURST + shards / 20L);
        assertThat(rig.counters().hedgesDenied()).isGreaterThan(shards / 2);
        rig.assertBalanced();
    }

    @Test
    void shouldWaitForCreditWithAHedgeButNotWithTheLayer() {
        rig.begin(0, 2, 5, 2, 5);
        rig.answer(rig.sent.get(1));
        rig.credit[3] = 1;
        rig.pass(CEILING_NS);
        assertThat(rig.sent).as("two rows don't fit").hasSize(2);
        rig.credit[3] = 2;
        rig.pass(1_000_000);
        assertThat(rig.nodesOf(0)).startsWith(2, 3);
    }

    @Test
    void shouldForgetAHedgeThatIsHalfInItsChannelWhenTheFirstNodeAnswers() {
        rig.begin(0, 2, 5, 2, 5);
        rig.answer(rig.sent.get(1));
        final ShardSender half = new ShardSender() {
            @Override
            public int creditRows(final int nodeId) {
                return 10;
            }

            @Override
            public SendOutcome dispatch(final io.cheshire.transport.protocol.Shard shard) {
                shard.rowsSent = 1;
                return SendOutcome.BACK_PRESSURED;
            }
        };
        rig.nowNs += CEILING_NS;
        rig.exchange.pump(0, rig.nowNs, half);
        assertThat(rig.exchange.allSent(0)).isFalse();
        rig.answer(rig.sent.get(0));
        rig.assertComplete(0, 0);
        assertThat(rig.exchange.allSent(0)).isTrue();
        assertThat(rig.node(3).openRows()).isEqualTo(2);
        rig.exchange.onNack(3, 0, 1, NackReason.BAD_FRAME, rig.nowNs);
        rig.assertBalanced();
    }

    @Test
    void shouldAskTheSameNodeAgainWhenNobodyElseCan() {
        final FailoverRig alone = new FailoverRig(1, 4, 1);
        alone.begin(0, 2, 5);
        alone.answer(alone.sent.get(1));
        alone.pass(FailoverRig.ANSWER_TIMEOUT_NS - 1);
        assertThat(alone.sent).hasSize(2);
        alone.pass(1_000_001);
        assertThat(alone.nodesOf(0)).containsExactly(2, 2);
        assertThat(alone.counters().hedges()).isZero();
        alone.answer(alone.sent.get(0));
        alone.assertComplete(0, 0);
        alone.answer(alone.last());
        alone.assertBalanced();
    }

    /** Only what brings nothing is asked for ever less often. */
    @Test
    void shouldAskAgainAsSoonAsBeforeWhenTheLastAnswerBroughtARow() {
        final FailoverRig alone = new FailoverRig(1, 1, 1);
        alone.begin(0, 2, 5, 2, 5, 2, 5);
        alone.answer(alone.sent.get(1));
        for (int unheard = 0; unheard < 6; unheard++) {
            alone.pass(FailoverRig.ANSWER_TIMEOUT_NS << (unheard + 1));
            alone.pass(1_000_001);
        }
        final int asked = alone.sent.size();
        alone.answer(alone.last(), 0, 1);

        alone.pass(FailoverRig.ANSWER_TIMEOUT_NS);
        alone.pass(1_000_001);

        assertThat(alone.sent).hasSizeGreaterThan(asked);
    }

    @Test
    void shouldWriteOffAnswersThatNeverCome() {
        rig.begin(0, 2, 5);
        rig.pass(CEILING_NS);
        rig.answer(rig.sent.get(2));
        rig.answer(rig.sent.get(3));
        rig.assertComplete(0, 0);
        assertThat(rig.node(1).overdue()).isEqualTo(1);
        rig.pass(2 * FailoverRig.ANSWER_TIMEOUT_NS);
        assertThat(rig.counters().answersLost()).isEqualTo(2);
        rig.assertBalanced();
    }

    @Test
    void shouldNotAcknowledgeAnEpochWhileALaneDependsOnAnOlderOne() {
        rig.begin(0, 2, 5);
        rig.exchange.placement(rig.placement(2, 2));
        rig.answer(rig.sent.get(1));
        assertThat(rig.exchange.hasOpenShardBefore(2)).isTrue();
        rig.pass(CEILING_NS);
        assertThat(rig.exchange.hasOpenShardBefore(2))
                .as("a node of the new epoch has it, too")
                .isFalse();
    }

    /** A layer whose shards are all answered after so long. */
    private void layer(final long responseNs, final int... experts) {
        final int before = rig.sent.size();
        rig.begin(0, experts);
        rig.nowNs += responseNs;
        List.copyOf(rig.sent.subList(before, rig.sent.size())).forEach(rig::answer);
        rig.assertComplete(0, 0);
    }
}
