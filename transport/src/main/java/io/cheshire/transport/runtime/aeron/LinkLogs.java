package io.cheshire.transport.runtime.aeron;

import io.cheshire.transport.core.link.NodeEnd;
import io.cheshire.transport.core.link.NodeEndLog;
import io.cheshire.transport.core.link.NodeEndState;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.core.link.RouterEndLog;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.sbe.HelloStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What both ends of links tell, in the log. */
final class LinkLogs {
    private static final Logger ROUTER = LoggerFactory.getLogger(RouterEnd.class);
    private static final Logger NODE = LoggerFactory.getLogger(NodeEnd.class);

    private LinkLogs() {}

    static RouterEndLog ofRouter() {
        return new RouterEndLog() {
            @Override
            public void nodeLost(final int nodeId, final String reason) {
                ROUTER.warn("expert node {} is lost: {}", nodeId, reason);
            }

            @Override
            public void lifelinesDistrusted(final int nodeId, final int cuts) {
                ROUTER.warn(
                        "lifelines to expert node {} were cut {} times; from now on its heartbeats alone say whether it lives",
                        nodeId,
                        cuts);
            }
        };
    }

    static NodeEndLog ofNode(final int nodeId) {
        return new NodeEndLog() {
            @Override
            public void moved(final int routerId, final NodeEndState from, final NodeEndState to, final String reason) {
                if (to == NodeEndState.SERVING) {
                    NODE.info("node {} serves router {}", nodeId, routerId);
                }
            }

            @Override
            public void routerEnded(final int routerId, final String reason) {
                NODE.info("node {} no longer serves router {}: {}", nodeId, routerId, reason);
            }

            @Override
            public void routerRefused(final Hello hello, final HelloStatus status) {
                NODE.warn(
                        "node {} refuses router {}: {} (its model is {}, version {}, secret {})",
                        nodeId,
                        hello.routerId(),
                        status,
                        hello.fingerprint(),
                        hello.version(),
                        status == HelloStatus.BAD_SECRET ? "another" : "fine or none");
            }

            @Override
            public void helloUnanswered(final Hello hello, final String why, final long count) {
                NODE.warn(
                        "node {} leaves a Hello unanswered that says it is router {}'s and {}; {} so far",
                        nodeId,
                        hello.routerId(),
                        why,
                        count);
            }
        };
    }
}
