package io.cheshire.coordinator.runtime.tls;

import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;

/**
 * How many peers an actor system refused since its start, because they didn't show the cluster's secret. Any thread.
 */
public final class RefusedPeers implements Extension {
    /** One for each actor system. */
    public static final AbstractExtensionId<RefusedPeers> ID = new AbstractExtensionId<>() {
        @Override
        public RefusedPeers createExtension(final ExtendedActorSystem system) {
            return new RefusedPeers();
        }
    };

    private final LongAdder count = new LongAdder();

    private RefusedPeers() {}

    void add() {
        count.increment();
    }

    /** Connections refused so far. */
    public long count() {
        return count.sum();
    }
}
