package io.cheshire.ops.runtime.local;

import io.cheshire.ops.runtime.OpsClient;
import io.cheshire.ops.runtime.OwnOps;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells the coordinator which expert nodes have surely ended, since their parent knows first: replicas are restored at
 * once instead of after the cluster's own suspicion. Used by one thread.
 */
public final class EndedNodes {
    private static final String PREFIX = "expert-node-";

    private final OwnOps ops;
    private final Consumer<String> events;

    /**
     * @param ops    operations listener of the cluster's router
     * @param events told when the coordinator can't be told
     */
    public EndedNodes(final OwnOps ops, final Consumer<String> events) {
        this.ops = ops;
        this.events = events;
    }

    /** A process of this name ended. Returns at once; the coordinator is told by a thread of its own. */
    public void ended(final String name, final int exitStatus) {
        if (name.startsWith(PREFIX)) {
            final int node = Integer.parseInt(name.substring(PREFIX.length()));
            Thread.ofVirtual().name("tell-" + name).start(() -> tell(node, exitStatus));
        }
    }

    private void tell(final int node, final int exitStatus) {
        try (OpsClient client = ops.client()) {
            client.post("down", Map.of("node", node, "reason", "its process ended with status " + exitStatus));
        } catch (final IllegalArgumentException refused) {
            events.accept("the coordinator wasn't told that node " + node + " ended: " + refused.getMessage());
        } catch (final InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
