package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SystemFingerprintTest {
    @Test
    void shouldChangeWithEveryPartAndSayWhenExpertsAreSampledOnly() {
        final String whole = SystemFingerprint.of(false, List.of("model", "router"));

        assertThat(whole).matches("cheshire-[0-9a-f]{12}");
        assertThat(SystemFingerprint.of(false, List.of("model", "router"))).isEqualTo(whole);
        assertThat(SystemFingerprint.of(false, List.of("model", "other router")))
                .isNotEqualTo(whole);
        assertThat(SystemFingerprint.of(false, List.of("other model", "router")))
                .isNotEqualTo(whole);
        assertThat(SystemFingerprint.of(true, List.of("model", "router"))).matches("cheshire-sampled-[0-9a-f]{12}");
    }
}
