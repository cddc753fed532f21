package io.cheshire.coordinator.runtime.tls;

import io.cheshire.transport.core.link.LinkRules;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * TLS 1.3 for Pekko's remoting in which both ends must know the cluster's secret. The rest of the protocol, and with it
 * every control message, is reached by members alone. Pekko makes one for each actor system and calls it from any
 * thread.
 */
public final class SecretSslEngines implements SSLEngineProvider {
    private static final Logger LOG = LoggerFactory.getLogger(SecretSslEngines.class);
    private static final String PROTOCOL = "TLSv1.3";
    private static final char[] NO_PASSWORD = new char[0];
    private static final long LOG_EVERY_NS = TimeUnit.SECONDS.toNanos(10);

    private final SSLContext context;
    private final RefusedPeers refusedPeers;
    private final AtomicLong nextLogNs = new AtomicLong(System.nanoTime());

    /** Made by Pekko. Draws a key; takes about a quarter of a second. */
    public SecretSslEngines(final ActorSystem system) {
        this.refusedPeers = RefusedPeers.ID.get(system);
        this.context = context(system.settings().config().getString(LinkRules.SECRET));
    }

    private SSLContext context(final String secret) {
        final SecretProof proof = new SecretProof(secret);
        final MemberCertificate own = MemberCertificate.create(proof);
        try {
            final KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, NO_PASSWORD);
            keys.setKeyEntry("member", own.keys().getPrivate(), NO_PASSWORD, new Certificate[] {own.certificate()});
            final KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, NO_PASSWORD);
            final SSLContext made = SSLContext.getInstance(PROTOCOL);
            made.init(managers.getKeyManagers(), new TrustManager[] {new SecretTrust(proof)}, null);
            return made;
        } catch (final GeneralSecurityException | java.io.IOException cause) {
            throw new IllegalStateException("TLS for the control plane could not be set up", cause);
        }
    }

    private void refused(final String why) {
        refusedPeers.add();
        final long nowNs = System.nanoTime();
        final long dueNs = nextLogNs.get();
        if (nowNs - dueNs >= 0 && nextLogNs.compareAndSet(dueNs, nowNs + LOG_EVERY_NS)) {
            LOG.warn(
                    "a peer in the control plane was refused, or refused this process: {} ({} so far)",
                    why,
                    refusedPeers.count());
        }
    }

    private SSLEngine engine(final String hostname, final int port) {
        final SSLEngine engine = new WatchedSslEngine(context.createSSLEngine(hostname, port), this::refused);
        engine.setEnabledProtocols(new String[] {PROTOCOL});
        return engine;
    }

    @Override
    public SSLEngine createServerSSLEngine(final String hostname, final int port) {
        final SSLEngine engine = engine(hostname, port);
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        return engine;
    }

    @Override
    public SSLEngine createClientSSLEngine(final String hostname, final int port) {
        final SSLEngine engine = engine(hostname, port);
        engine.setUseClientMode(true);
        return engine;
    }

    @Override
    public Option<Throwable> verifyClientSession(final String hostname, final SSLSession session) {
        return Option.empty();
    }

    @Override
    public Option<Throwable> verifyServerSession(final String hostname, final SSLSession session) {
        return Option.empty();
    }
}
