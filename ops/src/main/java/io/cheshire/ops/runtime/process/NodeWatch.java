package io.cheshire.ops.runtime.process;

import io.cheshire.expertnode.core.NodeGlance;
import java.util.function.Consumer;

/** An expert node's life as it was shown last. Written by the node's actor, read by any thread. */
final class NodeWatch implements Consumer<NodeGlance> {
    private volatile NodeGlance last;

    NodeWatch(final int nodeId) {
        last = NodeGlance.starting(nodeId);
    }

    @Override
    public void accept(final NodeGlance now) {
        last = now;
    }

    NodeGlance last() {
        return last;
    }
}
