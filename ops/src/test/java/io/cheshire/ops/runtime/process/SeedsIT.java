package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.ClusterStanding;
import io.cheshire.coordinator.protocol.MembershipMessage;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.ops.runtime.local.FreePorts;
import io.cheshire.settings.SettingReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Real processes with the same seeds in the same order, as the pods of StatefulSets are started: the first of them is
 * killed and started again, with the same arguments, and there is one cluster all the time. What each process is in is
 * asked of each.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class SeedsIT {
    private static final Duration FORMED = Duration.ofSeconds(150);
    private static final Duration PAUSE = Duration.ofSeconds(8);

    private final Map<String, ClusterStanding> standings = new ConcurrentHashMap<>();
    private final Set<ClusterStanding> ofTheFirst = ConcurrentHashMap.newKeySet();
    private final List<StartedRole> roles = new ArrayList<>();
    private List<Integer> ports = List.of();
    private ClusterSystem asking;
    private org.apache.pekko.actor.typed.ActorRef<MembershipMessage> answers;

    @BeforeEach
    void startWhoAsks() throws IOException {
        ports = FreePorts.tcp(5);
        asking = ClusterSystem.join(
                ClusterRole.ROUTER,
                SettingReader.read(
                        ConfigFactory.parseString("cheshire.cluster.seeds = [\"127.0.0.1:1\"]")
                                .withFallback(ConfigFactory.load()),
                        ControlConfig::joining));
        answers = asking.spawn(
                Behaviors.receive(MembershipMessage.class)
                        .onMessage(MembershipMessage.Known.class, known -> {
                            standings.put(known.from(), known.standing());
                            if (known.from().equals(uri(0))) {
                                ofTheFirst.add(known.standing());
                            }
                            return Behaviors.same();
                        })
                        .build(),
                "answers");
    }

    @AfterEach
    void stop() {
        roles.forEach(StartedRole::close);
        asking.system().terminate();
    }

    private String uri(final int member) {
        return "pekko://cheshire@127.0.0.1:" + ports.get(member);
    }

    private static List<String> flags(final String role, final int number, final int dataPort) {
        return switch (role) {
            case "expert-node" ->
                List.of(
                        role,
                        "--node-id",
                        Integer.toString(number),
                        "--channel",
                        "aeron:udp?endpoint=127.0.0.1:" + dataPort);
            case "router" ->
                List.of(
                        role,
                        "--port",
                        "0",
                        "--ops-port",
                        "0",
                        "-Dcheshire.router.engine.kv.bytes=8MiB",
                        "--channel",
                        "aeron:udp?endpoint=127.0.0.1:" + dataPort);
            default -> List.of(role);
        };
    }

    private StartedRole start(final List<String> flags, final int member, final int seeds) throws IOException {
        final List<String> all = new ArrayList<>(flags);
        all.addAll(List.of(
                "--model",
                StartedRole.MINI.toString(),
                "--nodes",
                "2",
                "-Dcheshire.device.threads=1",
                "-Dcheshire.threads=shared",
                "--cluster-port",
                ports.get(member).toString()));
        for (int seed = 0; seed < seeds; seed++) {
            all.addAll(List.of("--seed", "127.0.0.1:" + ports.get(seed)));
        }
        final StartedRole started = StartedRole.start(Map.of(), all);
        roles.add(started);
        return started;
    }

    /** Asks each of the first members what it is in; who answers says so soon, or not now. */
    private Map<String, ClusterStanding> ask(final int members) {
        standings.clear();
        for (int member = 0; member < members; member++) {
            Adapter.toClassic(asking.system())
                    .actorSelection(uri(member) + "/system/acquaintance")
                    .tell(
                            new MembershipMessage.DoYouKnowMe("cheshire", "pekko://cheshire@127.0.0.1:1", 1, answers),
                            ActorRef.noSender());
        }
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (standings.size() < members && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return new TreeMap<>(standings);
    }

    /** All of them answer, and all say the same: one cluster of so many. */
    private void awaitOneCluster(final String when, final int members) {
        final long startNs = System.nanoTime();
        await(when)
                .atMost(FORMED)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(ask(members).values())
                        .hasSize(members)
                        .allMatch(standing -> standing.members() == members)
                        .map(ClusterStanding::first)
                        .containsOnly(ask(members).values().iterator().next().first()));
        System.out.printf("%s: one cluster of %d after %.1f s%n", when, members, (System.nanoTime() - startNs) / 1e9);
    }

    private void assertNeverAlone() {
        assertThat(ofTheFirst)
                .as("what the first seed was in, whenever it was asked")
                .noneMatch(standing -> standing.members() == 1);
    }

    /** Both coordinators, two nodes and the router are seeds, as the chart has them. */
    @Test
    void shouldStayOneClusterWhenTheFirstSeedIsKilledAndStartedAgain() throws Exception {
        final List<Integer> dataPorts = FreePorts.udp(3);
        StartedRole first = start(flags("coordinator", 0, 0), 0, 5);
        final StartedRole second = start(flags("coordinator", 1, 0), 1, 5);
        start(flags("expert-node", 0, dataPorts.get(0)), 2, 5);
        start(flags("expert-node", 1, dataPorts.get(1)), 3, 5);
        start(flags("router", 0, dataPorts.get(2)), 4, 5);
        awaitOneCluster("five seeds start", 5);
        ofTheFirst.clear();

        first.kill();
        first = start(flags("coordinator", 0, 0), 0, 5);
        awaitOneCluster("the first seed was killed and started again", 5);
        assertNeverAlone();

        ofTheFirst.clear();
        second.signal("STOP");
        first.kill();
        start(flags("coordinator", 0, 0), 0, 5);
        askFor(PAUSE);
        second.signal("CONT");
        awaitOneCluster("the same while the other coordinator stood still", 5);
        assertNeverAlone();
    }

    /** Only the coordinators are seeds, and the one that could answer stands still. */
    @Test
    void shouldNotFoundAClusterWhenTheOnlyOtherSeedStandsStill() throws Exception {
        final StartedRole first = start(flags("coordinator", 0, 0), 0, 2);
        final StartedRole second = start(flags("coordinator", 1, 0), 1, 2);
        start(flags("expert-node", 0, FreePorts.udp(1).getFirst()), 2, 2);
        awaitOneCluster("two seeds and a node start", 3);
        ofTheFirst.clear();

        second.signal("STOP");
        first.kill();
        start(flags("coordinator", 0, 0), 0, 2);
        askFor(PAUSE);
        second.signal("CONT");
        awaitOneCluster("the first seed was started again while the only other one stood still", 3);
        assertNeverAlone();
    }

    private void askFor(final Duration time) {
        final long endNs = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - endNs < 0) {
            ask(1);
        }
    }
}
