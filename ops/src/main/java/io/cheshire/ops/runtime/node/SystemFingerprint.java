package io.cheshire.ops.runtime.node;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * {@code system_fingerprint} of an answer: equal where the same request gets the same answer, so over everything that
 * an answer depends on. Clients only compare it.
 */
final class SystemFingerprint {
    private static final int DIGITS_SHOWN = 12;

    private SystemFingerprint() {}

    /**
     * @param facts identities of what answers depend on, each without line feeds, in a fixed order
     * @return {@code cheshire-} and twelve hexadecimal digits
     */
    static String of(final String... facts) {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", facts).getBytes(StandardCharsets.UTF_8));
            return "cheshire-" + HexFormat.of().formatHex(digest).substring(0, DIGITS_SHOWN);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
