package io.cheshire.chaos.sim.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger takes for open, step by step: seeds from the clock found each of these once. */
class ShardLedgerTest {
    private static final ExpertKey KEY = new ExpertKey(0, 1);

    private final World world = new World(1, false);
    private final ShardLedger ledger = new ShardLedger(world, "router-0", new Coverage(), () -> 0);
    private final Shard shard = new Shard();

    ShardLedgerTest() {
        ledger.placement(new Placement(1, 2, List.of(List.of(0), List.of(0, 1))));
        shard.shardId = 5;
        shard.expert = KEY.expert();
        shard.epoch = 1;
        shard.rowCount = 1;
    }

    private void send(final int nodeId) {
        shard.nodeId = nodeId;
        ledger.check(shard);
        shard.rowsSent = 1;
        ledger.sent(shard, SendOutcome.SENT, 0);
        shard.rowsSent = 0;
        shard.attempt++;
    }

    /** Seeds 1795939907435, 1795939908474, 1795939908812 and 1795940678822: a false alarm. */
    @Test
    void shouldAwaitNothingOfANodeThatIsBackBeforeItsLossWasNoticed() {
        send(1);
        assertThat(ledger.awaits(1, KEY)).isTrue();

        ledger.nodeReady(1);

        assertThat(ledger.awaits(1, KEY))
                .as("the new connection knows nothing of it")
                .isFalse();
        send(0);
        assertThat(ledger.awaits(0, KEY)).isTrue();
        assertThat(ledger.awaits(1, KEY)).isFalse();
        assertThat(world.violation()).isNull();
    }

    /** Seeds 482 and 878: a shard that waited while the placement changed went where its plan had said. */
    @Test
    void shouldBlameAShardThatGoesToANodeThatItsEpochDoesNotList() {
        ledger.placement(new Placement(2, 2, List.of(List.of(0), List.of(0))));
        shard.epoch = 2;

        send(1);

        assertThat(world.violation()).isNotNull();
        assertThat(world.violation().invariant()).isEqualTo("shards go to nodes that their epoch lists");
    }
}
