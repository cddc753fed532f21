package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.core.MemberRules;
import io.cheshire.settings.SettingReader;
import io.cheshire.settings.testing.ReferenceConf;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The settings of this module: all are read, all are explained, and every wrong one is named. */
class CoordinatorSettingsTest {
    private static final String[] SECTIONS = {"cheshire.cluster", "cheshire.coordinator", "cheshire.member"};
    private static final String SEED = "cheshire.cluster.seeds = [\"10.0.0.1:2551\"]";

    @Test
    void shouldAcceptItsOwnDefaults() {
        final ControlConfig config = SettingReader.read(ConfigFactory.load(), ControlConfig::alone);
        final MemberRules members = config.coordinator().members();
        final MemberConfig member = config.member();

        assertThat(members.expectedNodes()).isEqualTo(16);
        assertThat(member.reportInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(member.leaveTimeout().toNanos())
                .as("the coordinator's answer decides")
                .isGreaterThan(members.leaveTimeoutNs());
        assertThat(config.cluster().shutdownTimeout()).isGreaterThan(member.leaveTimeout());
        assertThat(members.recoveryNs())
                .as("time for every member to come back")
                .isGreaterThan(
                        member.reportInterval().plus(member.registerInterval()).toNanos());
    }

    @Test
    void shouldReadAndExplainEverySetting() {
        assertThat(ReferenceConf.unread(ControlConfig::alone, SECTIONS)).isEmpty();
        for (final String section : SECTIONS) {
            assertThat(ReferenceConf.withoutComment(section)).isEmpty();
        }
    }

    @Test
    void shouldNameEveryWrongSettingAtOnce() {
        final String said = ReferenceConf.saidOf(ReferenceConf.everyValueWrong(SECTIONS), ControlConfig::joining);

        assertThat(said).contains(ReferenceConf.keys(SECTIONS));
    }

    @Test
    void shouldNameWhatDoesNotGoTogether() {
        assertThat(said("""
                        cheshire.coordinator {
                          expected-nodes = 300
                          load-timeout = 0
                          load-retry-min = 2 m
                          tick-interval = soon
                        }
                        cheshire.cluster.name = ""
                        """))
                .contains(
                        "6 problems",
                        "cheshire.cluster.name = \"\": must be a text that isn't empty",
                        "cheshire.coordinator.load-timeout = 0: must be a duration, 1 ms to 1 d",
                        "cheshire.coordinator.tick-interval = soon: must be a duration",
                        "expected-nodes = 300: must not exceed cheshire.coordinator.max-nodes (256)",
                        "load-retry-min = 2 m: must not exceed cheshire.coordinator.load-retry-max (1 m)");
    }

    /** A member is heard of once an interval: shorter windows would find all of them gone in between. */
    @Test
    void shouldRefuseWindowsThatAreShorterThanReportsAreApart() {
        assertThat(said("cheshire.coordinator { live-window = 100 ms, silent-after = 50 ms }"))
                .contains(
                        "live-window = 100 ms: must be at least twice cheshire.coordinator.report-interval (1 s)",
                        "silent-after = 50 ms: must be at least twice cheshire.coordinator.report-interval (1 s)");
    }

    @Test
    void shouldMakeBothPoolsOfAMemberNiceAndRefuseWhatTheKernelHasNot() {
        final Config joining = joining(ClusterRole.ROUTER, SEED + "\ncheshire.cluster.nice = 5");

        assertThat(joining.getInt("pekko.actor.default-dispatcher.nice")).isEqualTo(5);
        assertThat(joining.getInt("pekko.actor.internal-dispatcher.nice")).isEqualTo(5);
        assertThat(said(SEED + "\ncheshire.cluster.nice = 20"))
                .isEqualTo("configuration: cheshire.cluster.nice = 20: must be 0 to 19");
    }

    @Test
    void shouldSayHowSeedsAreWritten() {
        for (final String seeds : List.of("[]", "[\"no port\"]", "[\"host:99999\"]", "[\"pekko://cheshire@h:1\"]")) {
            assertThat(said("cheshire.cluster.seeds = " + seeds))
                    .as(seeds)
                    .contains("cheshire.cluster.seeds = [", "\"host:port\"");
        }
    }

    @Test
    void shouldLayItsOwnSettingsOfPekkoOverTheDefaults() {
        final Config joining = joining(ClusterRole.EXPERT_NODE, SEED);

        assertThat(joining.getStringList("pekko.cluster.seed-nodes")).containsExactly("pekko://cheshire@10.0.0.1:2551");
        assertThat(joining.getStringList("pekko.cluster.roles")).containsExactly("expert-node");
        assertThat(joining.getString("pekko.cluster.split-brain-resolver.active-strategy"))
                .isEqualTo("keep-majority");
        assertThat(joining.getString("pekko.remote.artery.transport")).isEqualTo("tcp");
        assertThat(ClusterSettings.local(SettingReader.read(ConfigFactory.load(), ClusterConfig::alone))
                        .getString("pekko.actor.provider"))
                .isEqualTo("local");
    }

    private static String said(final String text) {
        return ReferenceConf.saidOf(with(text), ControlConfig::joining);
    }

    private static Config joining(final ClusterRole role, final String text) {
        return ClusterSettings.joining(role, SettingReader.read(with(text), ClusterConfig::joining));
    }

    private static Config with(final String text) {
        return ConfigFactory.parseString(text).withFallback(ConfigFactory.load());
    }
}
