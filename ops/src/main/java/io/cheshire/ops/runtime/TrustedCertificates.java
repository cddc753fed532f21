package io.cheshire.ops.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Which servers our own clients of a listener with TLS believe. */
public final class TrustedCertificates {
    private TrustedCertificates() {}

    /**
     * Servers whose certificate is in the file or signed by one that is, and has the name they are asked by.
     *
     * @param pem certificates of authorities, or a server's own
     * @throws IllegalArgumentException naming the file that can't be used
     */
    public static SSLContext signedBy(final Path pem) {
        try {
            final KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (final Certificate certificate : read(pem)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
            final TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return context(factory.getTrustManagers());
        } catch (final GeneralSecurityException | IOException unusable) {
            throw unusable(pem, unusable);
        }
    }

    /**
     * The one server that has the first certificate of the file, by whatever name it is asked: for a parent that asks
     * its own child, to which it gave that file.
     *
     * @param pem as the server was given
     * @throws IllegalArgumentException naming the file that can't be used
     */
    public static SSLContext exactly(final Path pem) {
        try {
            return context(new OnlyThis((X509Certificate) read(pem).iterator().next()));
        } catch (final GeneralSecurityException | IOException unusable) {
            throw unusable(pem, unusable);
        }
    }

    private static Collection<? extends Certificate> read(final Path pem) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(pem)) {
            final Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw new CertificateException("no certificate in it");
            }
            return all;
        }
    }

    private static SSLContext context(final TrustManager... managers) throws GeneralSecurityException {
        final SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers, null);
        return context;
    }

    private static IllegalArgumentException unusable(final Path pem, final Exception cause) {
        return new IllegalArgumentException(
                pem + " can't be used (" + cause + "); name a readable PEM file of certificates", cause);
    }

    /** Pins one certificate. */
    private static final class OnlyThis extends X509ExtendedTrustManager {
        private final X509Certificate expected;

        OnlyThis(final X509Certificate expected) {
            this.expected = expected;
        }

        private void check(final X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !chain[0].equals(expected)) {
                throw new CertificateException("the server has another certificate than the one it was given");
            }
        }

        @Override
        public void checkServerTrusted(final X509Certificate[] chain, final String type, final Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(final X509Certificate[] chain, final String type, final SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(final X509Certificate[] chain, final String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(final X509Certificate[] chain, final String type, final Socket socket)
                throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public void checkClientTrusted(final X509Certificate[] chain, final String type, final SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public void checkClientTrusted(final X509Certificate[] chain, final String type) throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {expected};
        }
    }
}
