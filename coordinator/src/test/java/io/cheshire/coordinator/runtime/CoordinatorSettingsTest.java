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

    @Test
    void shouldListenWhereItIsToldAndBeReachedByItsName() {
        final Config joining = joining(ClusterRole.EXPERT_NODE, SEED + """

                cheshire.transport.secret = "sixteen characters"
                cheshire.cluster { host = "node-3.nodes", port = 2551, bind-host = "0.0.0.0", bind-port = 2600 }
                """);

        assertThat(joining.getString("pekko.remote.artery.canonical.hostname")).isEqualTo("node-3.nodes");
        assertThat(joining.getInt("pekko.remote.artery.canonical.port")).isEqualTo(2551);
        assertThat(joining.getString("pekko.remote.artery.bind.hostname")).isEqualTo("0.0.0.0");
        assertThat(joining.getInt("pekko.remote.artery.bind.port")).isEqualTo(2600);
        final Config plain = joining(ClusterRole.EXPERT_NODE, SEED);
        assertThat(plain.getString("pekko.remote.artery.bind.hostname")).isEmpty();
        assertThat(plain.getString("pekko.remote.artery.bind.port")).isEmpty();
    }

    /** An address of loopback in `host` says nothing of who reaches a process that listens on all. */
    @Test
    void shouldRefuseToListenForEverybodyWithoutASecret() {
        assertThat(said(SEED + "\ncheshire.cluster.bind-host = 0.0.0.0"))
                .contains("cheshire.cluster.bind-host = 0.0.0.0: is open to the network", "CHESHIRE_SECRET");
        assertThat(joining(ClusterRole.ROUTER, SEED + "\ncheshire.cluster { host = node-3, bind-host = 127.0.0.1 }"))
                .isNotNull();
    }

    @Test
    void shouldWaitForOtherSeedsOnlyWhereItStandsFirstAmongThem() {
        final String seeds =
                "cheshire.cluster { seeds = [\"127.0.0.1:2551\", \"127.0.0.1:2552\"], found-after = 40 s, port = ";

        assertThat(joining(ClusterRole.COORDINATOR, seeds + "2551 }").getDuration("pekko.cluster.seed-node-timeout"))
                .isEqualTo(Duration.ofSeconds(40));
        assertThat(joining(ClusterRole.COORDINATOR, seeds + "2552 }").getDuration("pekko.cluster.seed-node-timeout"))
                .isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void shouldNotStandFirstAmongItsSeedsWhereItMayNotFound() {
        final String never = "cheshire.cluster { port = 2551, found = never, seeds = [\"127.0.0.1:2551\"";

        final Config joining = joining(ClusterRole.COORDINATOR, never + ", \"127.0.0.1:2552\", \"127.0.0.1:2553\"] }");
        assertThat(joining.getStringList("pekko.cluster.seed-nodes"))
                .containsExactly(
                        "pekko://cheshire@127.0.0.1:2552",
                        "pekko://cheshire@127.0.0.1:2553",
                        "pekko://cheshire@127.0.0.1:2551");
        assertThat(joining.getDuration("pekko.cluster.seed-node-timeout")).isEqualTo(Duration.ofSeconds(3));
        assertThat(said(never + "] }"))
                .contains("cheshire.cluster.found = never: needs further cheshire.cluster.seeds to join");
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
