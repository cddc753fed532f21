package io.cheshire.http.runtime;

import com.linecorp.armeria.common.TlsKeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;

/** The key pair of a listener. A certificate that no client would accept is refused at start, with its date. */
final class Certificates {
    private Certificates() {}

    /**
     * Reads both files, unless they were read before.
     *
     * @param now by the wall clock, as clients judge it
     * @throws IllegalArgumentException naming the files, what is wrong with them and what to do
     */
    static TlsKeyPair load(final ApiConfig.Tls tls, final Instant now) {
        final TlsKeyPair pair;
        try {
            pair = tls.pair();
        } catch (final IllegalArgumentException unusable) {
            throw new IllegalArgumentException(
                    tls.setting() + ": certificate " + tls.certificate() + " and key " + tls.key()
                            + " can't be used (" + unusable.getMessage()
                            + "); give two readable PEM files, the key in PKCS#8 without a password",
                    unusable);
        }
        pair.certificateChain().forEach(certificate -> requireValid(tls, certificate, now));
        return pair;
    }

    private static void requireValid(final ApiConfig.Tls tls, final X509Certificate certificate, final Instant now) {
        final Instant from = certificate.getNotBefore().toInstant();
        final Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until) || now.isBefore(from)) {
            throw new IllegalArgumentException(tls.setting() + ".certificate " + tls.certificate() + ": "
                    + certificate.getSubjectX500Principal()
                    + (now.isAfter(until) ? " expired at " + until : " isn't valid before " + from)
                    + " and it is " + now
                    + "; clients would refuse it. Install one that is valid, or set this host's clock if that"
                    + " is wrong");
        }
    }

    /** When the first of the chain expires. */
    static Instant expiry(final TlsKeyPair pair) {
        return pair.certificateChain().stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }
}
