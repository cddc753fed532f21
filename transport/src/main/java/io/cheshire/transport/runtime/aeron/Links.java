package io.cheshire.transport.runtime.aeron;

import io.aeron.Aeron;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.core.link.NodeEnd;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.HookedWire;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.security.SecureRandom;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/** Puts the two ends of links on Aeron, the system's clock and chance, and the log. */
public final class Links {
    private Links() {}

    /**
     * A router's end.
     *
     * @param aeron    the process's client; must outlive it
     * @param identity who this router is
     * @param model    what both ends must have in common
     * @param hook     does to frames what networks do, or null
     */
    public static RouterEnd ofRouter(
            final Aeron aeron,
            final RouterIdentity identity,
            final ModelIdentity model,
            final TransportConfig config,
            final @Nullable FrameHook hook) {
        final Wire wire = new AeronWire(aeron, config);
        return new RouterEnd(
                hook == null ? wire : new HookedWire(wire, hook, SystemNanoClock.INSTANCE),
                identity,
                model,
                config.links(),
                RouterEnd.Parts.of(identity, model, config.links(), System::nanoTime, LinkLogs.ofRouter()));
    }

    /** A node's end, for a node in its routers' process. */
    public static NodeEnd ofNode(
            final Aeron aeron, final NodeEndpoint self, final ModelIdentity model, final TransportConfig config) {
        return ofNode(aeron, self, model, config, null);
    }

    /**
     * A node's end.
     *
     * @param aeron     the process's client; must outlive it
     * @param self      who this node is and where it listens
     * @param model     what both ends must have in common
     * @param lifelines the node's end of its routers' lifelines, closed with it; null: it has none
     */
    public static NodeEnd ofNode(
            final Aeron aeron,
            final NodeEndpoint self,
            final ModelIdentity model,
            final TransportConfig config,
            final @Nullable LifelineServer lifelines) {
        return new NodeEnd(
                new AeronWire(aeron, config),
                self,
                model,
                config.links(),
                NodeEnd.Parts.of(
                        self,
                        model,
                        config.links(),
                        new SecureRandom()::nextLong,
                        lifelines,
                        LinkLogs.ofNode(self.nodeId())));
    }
}
