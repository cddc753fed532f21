package io.cheshire.ops.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemFingerprintTest {
    @Test
    void shouldChangeWithEachFact() {
        final String fingerprint = SystemFingerprint.of("weights", "text");

        assertThat(fingerprint)
                .matches("cheshire-[0-9a-f]{12}")
                .isEqualTo(SystemFingerprint.of("weights", "text"))
                .isNotEqualTo(SystemFingerprint.of("weights", "other text"))
                .isNotEqualTo(SystemFingerprint.of("other weights", "text"))
                .isNotEqualTo(SystemFingerprint.of("text", "weights"));
    }
}
