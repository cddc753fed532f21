package io.cheshire.coordinator.runtime.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate that a process shows in the control plane: signed by itself, for a key that it drew at its start, and
 * with the {@link SecretProof} of that key as an extension. No authority, no files, nothing to renew: it ends with its
 * process.
 *
 * @param keys        drawn at the start of the process
 * @param certificate for the public key
 */
record MemberCertificate(KeyPair keys, X509Certificate certificate) {
    /** Of the extension that holds the proof; under the arc for numbers that nobody registers (ITU-T X.667). */
    private static final String PROOF_OID = "2.25.196453187342907741286170829046815027391";

    /** Whoever knows the secret decides; a process whose clock is wrong is let in all the same. */
    private static final Duration VALID = Duration.ofDays(36_500);

    /** Draws a key and makes the certificate. */
    static MemberCertificate create(final SecretProof proof) {
        try {
            final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            final KeyPair keys = generator.generateKeyPair();
            final X500Name name = new X500Name("CN=cheshire");
            final Instant now = Instant.now();
            final var builder = new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(64, new SecureRandom()).setBit(0),
                            Date.from(now.minus(VALID)),
                            Date.from(now.plus(VALID)),
                            name,
                            keys.getPublic())
                    .addExtension(
                            new ASN1ObjectIdentifier(PROOF_OID), false, new DEROctetString(proof.of(keys.getPublic())));
            final var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new MemberCertificate(keys, new JcaX509CertificateConverter().getCertificate(builder.build(signer)));
        } catch (final GeneralSecurityException | OperatorCreationException | CertIOException cause) {
            throw new IllegalStateException("a certificate for the control plane could not be made", cause);
        }
    }

    /**
     * Lets a peer's certificate pass if its maker knows the secret.
     *
     * @throws CertificateException says what is wrong with it
     */
    static void check(final X509Certificate[] chain, final SecretProof proof) throws CertificateException {
        if (chain.length != 1) {
            throw new CertificateException("a member shows one certificate, not " + chain.length);
        }
        final byte[] extension = chain[0].getExtensionValue(PROOF_OID);
        if (extension == null) {
            throw new CertificateException("the certificate isn't one of a Cheshire process");
        }
        if (!proof.verify(chain[0].getPublicKey(), proofIn(extension))) {
            throw new CertificateException("the peer has another secret (CHESHIRE_SECRET) than this process");
        }
    }

    private static byte[] proofIn(final byte[] extension) throws CertificateException {
        try {
            final byte[] inner = ASN1OctetString.getInstance(extension).getOctets();
            final byte[] proof = ASN1OctetString.getInstance(inner).getOctets();
            if (proof.length != SecretProof.BYTES) {
                throw new CertificateException("the proof has " + proof.length + " bytes, not " + SecretProof.BYTES);
            }
            return proof;
        } catch (final IllegalArgumentException malformed) {
            throw new CertificateException("the proof is malformed", malformed);
        }
    }
}
