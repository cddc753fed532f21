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

    /**
     * Puts it together.
     *
     * @param sampled whether experts are in it by samples only: then it says so, since equal ones prove less
     * @param parts   digests of all that the router's answers depend on, always in one order
     */
    public static String of(final boolean sampled, final List<String> parts) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
            return (sampled ? "cheshire-sampled-" : "cheshire-")
                    + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
