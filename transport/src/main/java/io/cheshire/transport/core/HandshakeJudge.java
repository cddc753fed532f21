package io.cheshire.transport.core;

import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;

/** A node's decision on a {@link Hello}. */
public final class HandshakeJudge {
    private final NodeEndpoint self;
    private final ModelIdentity model;

    public HandshakeJudge(final NodeEndpoint self, final ModelIdentity model) {
        this.self = self;
        this.model = model;
    }

    /**
     * The order matters: nothing of an unsigned Hello but its version is looked at.
     *
     * @param signed whether the Hello carries the cluster's signature, or none is asked for
     * @param room   whether one more router may connect
     */
    public HelloStatus judge(final Hello hello, final boolean signed, final boolean room) {
        if (hello.version() != HelloDecoder.SCHEMA_VERSION) {
            return HelloStatus.WRONG_VERSION;
        }
        if (!signed) {
            return HelloStatus.BAD_SECRET;
        }
        if (hello.nodeId() != self.nodeId() || hello.nodeIncarnation() != self.incarnation()) {
            return HelloStatus.WRONG_NODE;
        }
        if (!hello.fingerprint().equals(model.fingerprint())
                || hello.hiddenSize() != model.hiddenSize()
                || hello.dtypeCode() != HandshakeCodec.dtypeCode(model.rowDtype())) {
            return HelloStatus.WRONG_MODEL;
        }
        return room ? HelloStatus.ACCEPTED : HelloStatus.TOO_MANY_ROUTERS;
    }
}
