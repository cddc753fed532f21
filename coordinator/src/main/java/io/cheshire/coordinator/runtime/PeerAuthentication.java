package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.runtime.tls.SecretSslEngines;
import io.cheshire.transport.protocol.ClusterSecret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the processes of a cluster must show each other that they know its secret. Whoever may speak in the control
 * plane may place units, unload them and end members, so beyond this host it is either authenticated or said aloud to
 * be open.
 */
final class PeerAuthentication {
    /** What it means for Pekko's remoting. */
    static final Config TLS = ConfigFactory.parseString("pekko.remote.artery { transport = tls-tcp\n"
            + "ssl.ssl-engine-provider = " + SecretSslEngines.class.getName() + " }");

    private static final Logger LOG = LoggerFactory.getLogger(PeerAuthentication.class);
    private static final String AUTO = "auto";
    private static final String OFF = "off";

    private PeerAuthentication() {}

    /**
     * Reads {@code cheshire.cluster.tls} and {@code .insecure} and the secret.
     *
     * @param host   under which the others reach this process
     * @param reader of {@code cheshire.cluster}; gets what is wrong
     * @return whether peers must know the secret
     */
    static boolean from(final Config config, final String host, final ConfigReader reader) {
        final String tls = reader.text("tls");
        final boolean insecure = reader.flag("insecure");
        final String secret = config.getString(SecretSslEngines.SECRET);
        reader.require(
                tls.equals(AUTO) || tls.equals(OFF),
                "cheshire.cluster.tls is \"" + tls + "\"; it must be auto (on where there is a secret) or off");
        if (!secret.isEmpty() && secret.length() < ClusterSecret.MIN_CHARACTERS) {
            reader.require(
                    false,
                    SecretSslEngines.SECRET + " (CHESHIRE_SECRET) has " + secret.length()
                            + " characters; take at least " + ClusterSecret.MIN_CHARACTERS
                            + ", random ones, or leave it empty for none");
            return false;
        }
        final boolean authenticated = !secret.isEmpty() && tls.equals(AUTO);
        if (!authenticated && !isLoopback(host)) {
            final String open = "cheshire.cluster.host (--cluster-host) is " + host + ", and "
                    + (secret.isEmpty() ? "there is no secret" : "cheshire.cluster.tls is off")
                    + ": whoever reaches it can take over the cluster";
            reader.require(
                    insecure,
                    open + "; set CHESHIRE_SECRET to the same "
                            + ClusterSecret.MIN_CHARACTERS
                            + " or more random characters on all processes of the cluster, or, in a network of your own,"
                            + " cheshire.cluster.insecure = true");
            if (insecure) {
                LOG.warn("{} (cheshire.cluster.insecure = true)", open);
            }
        }
        return authenticated;
    }

    private static boolean isLoopback(final String host) {
        final InetAddress address = new InetSocketAddress(host, 0).getAddress();
        return address != null && address.isLoopbackAddress();
    }
}
