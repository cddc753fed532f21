package io.cheshire.ops.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What replies carry as {@code system_fingerprint}: routers that may answer one request differently show different
 * ones.
 */
public final class SystemFingerprint {
    private static final int DIGITS = 12;

    private SystemFingerprint() {}

    /** What its reader must be told at once. */
    public enum Kind {
        WHOLE("cheshire-"),
        /** Experts are in it by samples only: equal ones prove less. */
        SAMPLED("cheshire-sampled-"),
        /** Nothing was computed: answers mean nothing. */
        PACED("cheshire-paced-");

        private final String prefix;

        Kind(final String prefix) {
            this.prefix = prefix;
        }
    }

    /**
     * Puts it together.
     *
     * @param parts digests of all that the router's answers depend on, always in one order
     */
    public static String of(final Kind kind, final List<String> parts) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
            return kind.prefix + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
