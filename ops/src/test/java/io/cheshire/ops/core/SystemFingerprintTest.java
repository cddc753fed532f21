package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.SystemFingerprint.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemFingerprintTest {
    @Test
    void shouldChangeWithEveryPartAndSayWhenExpertsAreSampledOnly() {
        final String whole = SystemFingerprint.of(Kind.WHOLE, List.of("model", "router"));

        assertThat(whole).matches("cheshire-[0-9a-f]{12}");
        assertThat(SystemFingerprint.of(Kind.WHOLE, List.of("model", "router"))).isEqualTo(whole);
        assertThat(SystemFingerprint.of(Kind.WHOLE, List.of("model", "other router")))
                .isNotEqualTo(whole);
        assertThat(SystemFingerprint.of(Kind.WHOLE, List.of("other model", "router")))
                .isNotEqualTo(whole);
        assertThat(SystemFingerprint.of(Kind.SAMPLED, List.of("model", "router")))
                .matches("cheshire-sampled-[0-9a-f]{12}");
        assertThat(SystemFingerprint.of(Kind.PACED, List.of("model", "router"))).matches("cheshire-paced-[0-9a-f]{12}");
    }
}
