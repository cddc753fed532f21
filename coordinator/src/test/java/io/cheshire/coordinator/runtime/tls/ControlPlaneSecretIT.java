package io.cheshire.coordinator.runtime.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ListenPort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSelection;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real actor systems that talk over real connections: who may speak in the control plane. */
class ControlPlaneSecretIT {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final String SECRET = "correct horse battery";

    private final List<ClusterSystem> systems = new ArrayList<>();
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private int seedPort;
    private ClusterSystem honest;

    @BeforeEach
    void startAMemberThatListens() throws IOException {
        seedPort = ListenPort.free();
        honest = join(SECRET, seedPort);
        honest.spawn(
                Behaviors.receive(Object.class)
                        .onAnyMessage(message -> {
                            heard.add(message);
                            return Behaviors.same();
                        })
                        .build(),
                "listener");
        await("the first member founds the cluster").atMost(WAIT).until(() -> membersUp(honest) == 1);
    }

    @AfterEach
    void stop() {
        systems.reversed().forEach(system -> system.system().terminate());
        systems.forEach(system -> system.whenTerminated().toCompletableFuture().join());
    }

    @Test
    void shouldLetAMemberInWhenItHasTheSecret() throws InterruptedException {
        final ClusterSystem member = join(SECRET, 0);
        await("both are members").atMost(WAIT).until(() -> membersUp(honest) == 2 && membersUp(member) == 2);

        say(member, new RouterCommand.ReportNow(1));

        assertThat(heard.poll(60, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(new RouterCommand.ReportNow(1));
        assertThat(RefusedPeers.ID.get(honest.system()).count()).isZero();
    }

    /** Another secret, and none at all. */
    @ParameterizedTest
    @ValueSource(strings = {"another secret, also long", ""})
    void shouldRefuseAPeerWhenItLacksTheSecret(final String secret) throws InterruptedException {
        final ClusterSystem stranger = join(secret, 0);
        say(
                stranger,
                new RouterCommand.PlacementPublished(new Placement(1L << 40, 1, List.of(List.of())), List.of(), 7));
        say(stranger, new ExpertNodeCommand.UnloadUnits(1L << 40, 7, List.of(new ExpertKey(0, 0))));
        await("a connection of the stranger is refused")
                .atMost(WAIT)
                .until(() -> RefusedPeers.ID.get(honest.system()).count() > 1);

        final ClusterSystem member = join(SECRET, 0);
        await("a member joins meanwhile").atMost(WAIT).until(() -> membersUp(member) == 2);
        say(member, new RouterCommand.ReportNow(1));

        assertThat(heard.poll(60, java.util.concurrent.TimeUnit.SECONDS))
                .as("what is heard first is the member's, not the stranger's, though that spoke before")
                .isEqualTo(new RouterCommand.ReportNow(1));
        assertThat(heard).isEmpty();
        assertThat(membersUp(stranger)).isZero();
    }

    @Test
    void shouldNotStartBeyondLoopbackWhenNothingMustBeShown() {
        final Config open = ConfigFactory.parseString(
                        "cheshire.cluster { host = 0.0.0.0, seeds = [\"127.0.0.1:2551\"] }")
                .withFallback(ConfigFactory.load());

        assertThatThrownBy(
                        () -> ClusterSystem.join(ClusterRole.ROUTER, SettingReader.read(open, ControlConfig::joining)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cheshire.cluster.host = 0.0.0.0: is open to the network")
                .hasMessageContaining("CHESHIRE_SECRET")
                .hasMessageContaining("cheshire.cluster.insecure");
        assertThatThrownBy(() -> ClusterSystem.join(
                        ClusterRole.ROUTER,
                        SettingReader.read(
                                ConfigFactory.parseString("cheshire.transport.secret = \"short\"")
                                        .withFallback(open),
                                ControlConfig::joining)))
                .hasMessageContaining("has 5 characters; take at least 16");
    }

    private void say(final ClusterSystem from, final Object message) {
        final ActorSelection listener = Adapter.toClassic(from.system())
                .actorSelection("pekko://cheshire@127.0.0.1:" + seedPort + "/system/listener");
        listener.tell(message, ActorRef.noSender());
    }

    private static long membersUp(final ClusterSystem system) {
        return StreamSupport.stream(
                        Cluster.get(system.system()).state().getMembers().spliterator(), false)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .count();
    }

    private ClusterSystem join(final String secret, final int port) {
        final Config config = ConfigFactory.parseMap(Map.of(
                        "cheshire.cluster.seeds",
                        List.of("127.0.0.1:" + seedPort),
                        "cheshire.cluster.port",
                        port,
                        "cheshire.transport.secret",
                        secret))
                .withFallback(ConfigFactory.parseString("""
                        cheshire.pekko {
                          coordinated-shutdown.run-by-actor-system-terminate = off
                          loglevel = WARNING
                        }
                        """))
                .withFallback(ConfigFactory.load());
        final ClusterSystem system =
                ClusterSystem.join(ClusterRole.COORDINATOR, SettingReader.read(config, ControlConfig::joining));
        systems.add(system);
        return system;
    }
}
