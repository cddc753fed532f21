package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.event.EventStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemberFailureDetectorTest {
    private static final String MEMBER = "pekko://cheshire@127.0.0.1:1";
    private static final String OTHER = "pekko://cheshire@127.0.0.1:2";

    private final Config config = ConfigFactory.load();
    private final ClusterSystem system = ClusterSystem.local(SettingReader.read(config, ControlConfig::alone));
    private final EventStream stream = Adapter.toClassic(system.system()).eventStream();
    private final DownedMembers downed = DownedMembers.of(stream);

    @AfterEach
    void stop() {
        system.close();
    }

    @Test
    void shouldCallAMemberUnavailableWhenItIsDownedThoughItsHeartbeatsCome() {
        final MemberFailureDetector member = beating(MEMBER);
        final MemberFailureDetector other = beating(OTHER);

        downed.downed(MEMBER);
        member.heartbeat();

        assertThat(member.isAvailable()).isFalse();
        assertThat(member.isMonitoring()).isTrue();
        assertThat(other.isAvailable()).isTrue();
    }

    @Test
    void shouldJudgeTheNextMemberOfAnAddressByItsHeartbeatsWhenTheDownedOneIsRemoved() {
        downed.downed(MEMBER);
        downed.removed(MEMBER);

        assertThat(beating(MEMBER).isAvailable()).isTrue();
    }

    @Test
    void shouldNotMixSystemsWhenSeveralShareAProcess() {
        downed.downed(MEMBER);

        try (ClusterSystem another = ClusterSystem.local(SettingReader.read(config, ControlConfig::alone))) {
            assertThat(DownedMembers.of(Adapter.toClassic(another.system()).eventStream())
                            .contains(MEMBER))
                    .isFalse();
        }
        assertThat(DownedMembers.of(stream).contains(MEMBER)).isTrue();
    }

    private MemberFailureDetector beating(final String address) {
        final MemberFailureDetector detector = new MemberFailureDetector(
                config.getConfig("cheshire.pekko.cluster.failure-detector")
                        .withFallback(config.getConfig("pekko.cluster.failure-detector")),
                stream);
        detector.setAddress(address);
        detector.heartbeat();
        assertThat(detector.isMonitoring()).isTrue();
        return detector;
    }
}
