package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.MembershipMessage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Leave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster of one process, with a clock of the test's own. */
class MembershipProbeTest {
    private static final Config ONE_PROCESS = ConfigFactory.parseString("""
            pekko.actor.provider = cluster
            pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
            pekko.cluster.jmx.enabled = off
            pekko.coordinated-shutdown { terminate-actor-system = off, run-by-actor-system-terminate = off }
            """);
    private static final String COMPLAINT = "not taken into the cluster";
    private static final long PATIENCE_NS = Duration.ofSeconds(31).toNanos();

    private final AtomicLong nowNs = new AtomicLong();
    private final AtomicInteger clockReads = new AtomicInteger();
    private ActorTestKit kit;
    private Cluster cluster;
    private ActorRef<MembershipMessage> probe;
    private TestProbe<MembershipMessage> asker;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create(ONE_PROCESS.withFallback(ConfigFactory.load()));
        cluster = Cluster.get(kit.system());
        final MembershipProbe.Rules rules =
                new MembershipProbe.Rules("cheshire", List.of(), Duration.ofMillis(10), Duration.ofMinutes(1));
        probe = kit.spawn(MembershipProbe.create(rules, this::readClock, () -> {}));
        asker = kit.createTestProbe();
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private long readClock() {
        clockReads.incrementAndGet();
        return nowNs.get();
    }

    @Test
    void shouldSayWhatToLookAtWhenNoClusterTakesTheProcess() {
        // It counts from when it looked at the clock first.
        asker.awaitAssert(() -> {
            assertThat(clockReads).hasPositiveValue();
            return clockReads;
        });
        LoggingTestKit.warn(COMPLAINT).expect(kit.system(), () -> nowNs.addAndGet(PATIENCE_NS));
    }

    @Test
    void shouldNotComplainOfAProcessThatLeavesInOrder() {
        final UniqueAddress self = cluster.selfMember().uniqueAddress();
        cluster.manager().tell(Join.create(self.address()));
        asker.awaitAssert(() -> {
            probe.tell(new MembershipMessage.DoYouKnowMe(
                    "cheshire", self.address().toString(), self.longUid(), asker.ref()));
            return asker.expectMessageClass(MembershipMessage.Known.class, Duration.ofMillis(200));
        });

        cluster.manager().tell(Leave.create(self.address()));
        asker.awaitAssert(() -> {
            assertThat(cluster.selfMember().status()).isNotEqualTo(MemberStatus.up());
            return true;
        });
        LoggingTestKit.warn(COMPLAINT).withOccurrences(0).expect(kit.system(), () -> {
            nowNs.addAndGet(PATIENCE_NS);
            final int before = clockReads.get();
            return asker.awaitAssert(() -> {
                assertThat(clockReads.get()).as("ticks since then").isGreaterThan(before + 2);
                return true;
            });
        });
    }
}
