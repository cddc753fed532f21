package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigTest {
    @Test
    void shouldAcceptItsOwnDefaults() {
        final CoordinatorConfig config = CoordinatorConfig.from(ConfigFactory.load());
        final MemberConfig member = MemberConfig.from(ConfigFactory.load());

        assertThat(config.expectedNodes()).isEqualTo(16);
        assertThat(member.reportInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(member.leaveTimeout()).as("the coordinator's answer decides").isGreaterThan(config.leaveTimeout());
        assertThat(ConfigFactory.load().getDuration("cheshire.cluster.shutdown-timeout"))
                .isGreaterThan(member.leaveTimeout());
        assertThat(config.recovery())
                .as("time for every member to come back")
                .isGreaterThan(member.reportInterval().plus(member.registerInterval()));
    }

    @Test
    void shouldListEveryProblemAtOnce() {
        assertThatThrownBy(() -> CoordinatorConfig.from(with("""
                        cheshire.coordinator {
                          expected-nodes = 300
                          load-timeout = 0
                          load-retry-min = 2 m
                          tick-interval = soon
                        }
                        cheshire.cluster.name = ""
                        """)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "5 problem(s)",
                        "cheshire.cluster.name must not be empty",
                        "cheshire.coordinator.load-timeout is 0 ms, but must be from 1 ms",
                        "cheshire.coordinator.tick-interval",
                        "expected-nodes (300) must not exceed cheshire.coordinator.max-nodes (256)",
                        "load-retry-min (120000 ms) must not exceed");
    }

    /** A member is heard of once an interval: shorter windows would find all of them gone in between. */
    @Test
    void shouldRefuseWindowsThatAreShorterThanReportsAreApart() {
        assertThatThrownBy(() -> CoordinatorConfig.from(
                        with("cheshire.coordinator { live-window = 100 ms, silent-after = 50 ms }")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "live-window (100 ms) must be at least twice cheshire.coordinator.report-interval (1000 ms)",
                        "silent-after (50 ms) must be at least twice cheshire.coordinator.report-interval (1000 ms)");
    }

    @Test
    void shouldMakeBothPoolsOfAMemberNiceAndRefuseWhatTheKernelHasNot() {
        final String seed = "cheshire.cluster.seeds = [\"10.0.0.1:2551\"]\ncheshire.cluster.nice = ";

        final Config joining = ClusterSettings.joining(ClusterRole.ROUTER, with(seed + "5"));

        assertThat(joining.getInt("pekko.actor.default-dispatcher.nice")).isEqualTo(5);
        assertThat(joining.getInt("pekko.actor.internal-dispatcher.nice")).isEqualTo(5);
        assertThatThrownBy(() -> ClusterSettings.joining(ClusterRole.ROUTER, with(seed + "20")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cheshire.cluster.nice is 20, but must be from 0 to 19");
    }

    @Test
    void shouldSayHowSeedsAreWritten() {
        for (final String seeds : List.of("[]", "[\"no port\"]", "[\"host:99999\"]", "[\"pekko://cheshire@h:1\"]")) {
            assertThatThrownBy(() ->
                            ClusterSettings.joining(ClusterRole.ROUTER, with("cheshire.cluster.seeds = " + seeds)))
                    .as(seeds)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"host:port\"");
        }
    }

    @Test
    void shouldLayItsOwnSettingsOfPekkoOverTheDefaults() {
        final Config joining =
                ClusterSettings.joining(ClusterRole.EXPERT_NODE, with("cheshire.cluster.seeds = [\"10.0.0.1:2551\"]"));

        assertThat(joining.getStringList("pekko.cluster.seed-nodes")).containsExactly("pekko://cheshire@10.0.0.1:2551");
        assertThat(joining.getStringList("pekko.cluster.roles")).containsExactly("expert-node");
        assertThat(joining.getString("pekko.cluster.split-brain-resolver.active-strategy"))
                .isEqualTo("keep-majority");
        assertThat(joining.getString("pekko.remote.artery.transport")).isEqualTo("tcp");
        assertThat(ClusterSettings.local(ConfigFactory.load()).getString("pekko.actor.provider"))
                .isEqualTo("local");
    }

    private static Config with(final String text) {
        return ConfigFactory.parseString(text).withFallback(ConfigFactory.load());
    }
}
