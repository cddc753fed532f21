package io.cheshire.transport.runtime.lifeline;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;

class SocketLifelinesTest extends LifelineContract {
    @Override
    LifelineServer open(final NodeEndpoint node, final InetSocketAddress address, final int maxConnections)
            throws IOException {
        return SocketLifelines.open(node, hostOf(node), address, maxConnections);
    }
}
