package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnNameTest {
    private static final String KEY = "cheshire.cluster.host";

    private long nowNs;
    private int asked;

    /** Of a name that is entered after so many look-ups. */
    private OwnName afterLookUps(final int before) {
        return new OwnName(
                host -> {
                    if (asked++ < before) {
                        throw new UnknownHostException(host + ": Name or service not known");
                    }
                    return InetAddress.ofLiteral("10.0.0.7");
                },
                () -> nowNs,
                pauseNs -> nowNs += pauseNs);
    }

    @Test
    void shouldNotWaitForANameThatIsKnown() {
        afterLookUps(0).await("node-3.nodes", KEY, Duration.ofSeconds(60));

        assertThat(nowNs).isZero();
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void shouldWaitForANameThatIsEnteredAfterTheStart() {
        afterLookUps(20).await("node-3.nodes", KEY, Duration.ofSeconds(60));

        assertThat(asked).isEqualTo(21);
        assertThat(Duration.ofNanos(nowNs)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(20));
    }

    @Test
    void shouldSayWhatToDoWhenTheNameStaysUnknown() {
        assertThatThrownBy(() -> afterLookUps(1_000).await("node-3.nodes", KEY, Duration.ofSeconds(60)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "node-3.nodes", KEY, "60 s (cheshire.cluster.resolve-timeout)", "publishNotReadyAddresses");
        assertThat(Duration.ofNanos(nowNs)).isEqualTo(Duration.ofSeconds(60));
    }
}
