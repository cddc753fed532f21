package io.cheshire.coordinator.runtime.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shows that whoever made a public key knows the cluster's secret: an HMAC-SHA256 of the key, under a key that is
 * derived from the secret. TLS shows that the peer holds the private half, so a proof that was copied is worth nothing.
 *
 * <p>A stranger who connects gets to see a proof and can try secrets against it at leisure. So the derivation is slow
 * (PBKDF2, RFC 8018), and a secret ought to be random. Immutable; safe from any thread.
 */
final class SecretProof {
    /** Bytes of a proof. */
    static final int BYTES = 32;

    private static final String MAC = "HmacSHA256";
    private static final byte[] SALT = "cheshire control plane 1".getBytes(StandardCharsets.US_ASCII);
    /** A tenth of a second at the start of a process; ten guesses a second and core for a stranger. */
    private static final int ITERATIONS = 200_000;

    private final SecretKeySpec key;

    /** Derives the key; takes about a tenth of a second. */
    SecretProof(final String secret) {
        try {
            final byte[] derived = SecretKeyFactory.getInstance("PBKDF2With" + MAC)
                    .generateSecret(new PBEKeySpec(secret.toCharArray(), SALT, ITERATIONS, BYTES * Byte.SIZE))
                    .getEncoded();
            this.key = new SecretKeySpec(derived, MAC);
        } catch (final GeneralSecurityException cause) {
            throw new IllegalStateException("every JDK has PBKDF2 and HMAC with SHA-256", cause);
        }
    }

    /** The proof that belongs to the key. */
    byte[] of(final PublicKey publicKey) {
        try {
            final Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(publicKey.getEncoded());
        } catch (final GeneralSecurityException cause) {
            throw new IllegalStateException("every JDK has HMAC with SHA-256", cause);
        }
    }

    /** Whether the proof belongs to the key; compares in constant time. */
    boolean verify(final PublicKey publicKey, final byte[] claimed) {
        return MessageDigest.isEqual(claimed, of(publicKey));
    }
}
