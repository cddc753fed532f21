package io.cheshire.planner.core.report;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The beginning of a SHA-256: enough to tell files from each other in answers and addresses. */
public final class ShortHash {
    private ShortHash() {}

    /** So many hexadecimal digits of it. */
    public static String of(final byte[] bytes, final int digits) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .substring(0, digits);
        } catch (final NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
