package io.cheshire.expertnode.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node's life wants beside the states that it goes through. */
class NodeLifeTest {
    private static final ExpertKey A = new ExpertKey(0, 0);
    private static final ExpertKey B = new ExpertKey(0, 1);
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

    @Test
    void shouldBeReadyOnceAllIsLoadedAndTheClusterIsSteady() {
        assertThat(life.glance().notReady()).contains("no coordinator has accepted");

        told(new ExpertNodeCommand.NodeAccepted(9, 0));
        told(new ExpertNodeCommand.Steady(9, 1, ""));
        assertThat(life.glance().notReady()).as("nothing was given to it").isNull();

        told(new ExpertNodeCommand.LoadUnits(2, 9, List.of(A, B), List.of()));
        assertThat(life.glance().notReady()).isEqualTo("2 units are yet to be loaded");
        life.step(new NodeInput.Loaded(new HeldUnit(A, "0".repeat(64))));
        assertThat(life.glance().loading()).containsExactly(B);
        assertThat(life.glance().notReady()).isEqualTo("1 units are yet to be loaded");
        life.step(new NodeInput.Loaded(new HeldUnit(B, "0".repeat(64))));
        assertThat(life.glance().notReady()).isNull();
        assertThat(life.glance().held()).containsExactly(A, B);

        told(new ExpertNodeCommand.Steady(9, 2, "routers are being told of a new epoch"));
        assertThat(life.glance().notReady()).contains("routers are being told");
        told(new ExpertNodeCommand.Steady(9, 2, ""));
        life.step(new NodeInput.Leave("the process is stopping"));
        assertThat(life.glance().notReady()).contains("leaves", "the process is stopping");
    }

    @Test
    void shouldNotBelieveThatAClusterIsSteadyWhoseCoordinatorIsAway() {
        told(new ExpertNodeCommand.NodeAccepted(9, 0));
        told(new ExpertNodeCommand.Steady(9, 1, ""));
        for (int report = 0; report < 5; report++) {
            life.step(new NodeInput.ReportDue());
        }
        assertThat(life.glance().notReady()).as("answers may be late").isNull();

        life.step(new NodeInput.ReportDue());
        assertThat(life.glance().notReady()).contains("no coordinator answered the last 6 reports");

        told(new ExpertNodeCommand.Steady(8, 1, ""));
        assertThat(life.glance().notReady())
                .as("said by one that isn't its own")
                .isNotNull();
        told(new ExpertNodeCommand.Steady(9, 1, ""));
        assertThat(life.glance().notReady()).isNull();

        told(new ExpertNodeCommand.RegisterNodeAgain("new here"));
        told(new ExpertNodeCommand.Steady(9, 1, ""));
        assertThat(life.glance().notReady()).as("a successor is there").isNotNull();
        told(new ExpertNodeCommand.NodeAccepted(10, 0));
        told(new ExpertNodeCommand.Steady(10, 1, ""));
        assertThat(life.glance().notReady()).isNull();
    }

    private void told(final ExpertNodeCommand.FromCoordinator command) {
        life.step(new NodeInput.Told(command));
    }
}
