package io.cheshire.expertnode.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a node's life wants beside the states that it goes through. */
class NodeLifeTest {
    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(30);

    private final NodeLife life = new NodeLife(new NodeRules(
            "cheshire",
            new NodeEndpoint(3, 33, "aeron:ipc", 1003),
            "f00d",
            1_000_000,
            1_000,
            1,
            LEAVE_TIMEOUT,
            "rack-b"));

    @Test
    void shouldSayInWhichFailureDomainItIs() {
        assertThat(life.step(new NodeInput.RegisterDue())).singleElement().satisfies(effect -> {
            assertThat(effect).isInstanceOf(NodeEffect.Register.class);
            assertThat(((NodeEffect.Register) effect).hello().failureDomain()).isEqualTo("rack-b");
        });
    }

    @Test
    void shouldGiveWhatIsQueuedItsWholeTimeHoweverLateTheLeaveIsGranted() {
        life.step(new NodeInput.Told(new ExpertNodeCommand.NodeAccepted(9, 0)));
        life.step(new NodeInput.Leave("planned"));

        assertThat(life.step(new NodeInput.Told(new ExpertNodeCommand.LeaveGranted(2))))
                .contains(new NodeEffect.Drain(true), new NodeEffect.StartLeaveTimer(LEAVE_TIMEOUT));
        assertThat(life.step(new NodeInput.LeaveExpired())).endsWith(new NodeEffect.Stop(false));
    }

    @Test
    void shouldDrainOnlyOnceWhenTheLeaveIsGrantedAfterItWasOverdue() {
        life.step(new NodeInput.Told(new ExpertNodeCommand.NodeAccepted(9, 0)));
        life.step(new NodeInput.Leave("planned"));
        life.step(new NodeInput.LeaveExpired());

        assertThat(life.step(new NodeInput.Told(new ExpertNodeCommand.LeaveGranted(2))))
                .isEmpty();
        assertThat(life.step(new NodeInput.Drained()))
                .as("the coordinator's word came too late")
                .endsWith(new NodeEffect.Stop(false));
        assertThat(life.state()).isEqualTo(NodeState.STOPPED);
    }
}
