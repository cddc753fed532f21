package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.runtime.tls.SecretSslEngines;
import io.cheshire.settings.SettingReader;
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

    private PeerAuthentication() {}

    /**
     * Refuses a process that the network can reach and that nothing must be shown to, unless it is meant to be open.
     *
     * @param cluster   reads {@code cheshire.cluster}; gets what is wrong
     * @param config    what it has read
     * @param hasSecret the cluster has one
     */
    static void check(final SettingReader cluster, final ClusterConfig config, final boolean hasSecret) {
        final String listener = config.address().listener();
        if (config.authenticated() || isLoopback(listener)) {
            return;
        }
        final String name = config.address().bindHost().isEmpty() ? "host" : "bind-host";
        final String open = (hasSecret ? cluster.key("tls") + " is off" : "there is no secret")
                + ": whoever reaches it can take over the cluster";
        final boolean insecure = cluster.require(
                cluster.flag("insecure"),
                name,
                "is open to the network, and " + open + "; set CHESHIRE_SECRET to the same "
                        + ClusterSecret.MIN_CHARACTERS
                        + " or more random characters on all processes of the cluster, or, in a network of your own, "
                        + cluster.key("insecure") + " = true");
        if (insecure) {
            LOG.warn("{} is {}, and {} ({} = true)", cluster.key(name), listener, open, cluster.key("insecure"));
        }
    }

    private static boolean isLoopback(final String host) {
        final InetAddress address = new InetSocketAddress(host, 0).getAddress();
        return address != null && address.isLoopbackAddress();
    }
}
