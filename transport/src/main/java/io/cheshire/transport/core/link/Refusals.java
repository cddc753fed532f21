package io.cheshire.transport.core.link;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;

/** Says to people why a handshake was refused, and what to do. */
final class Refusals {
    private Refusals() {}

    static String rowTooLarge(final int rowBytes, final int frameLimitBytes) {
        return "a row of " + rowBytes + " bytes doesn't fit the longest frame of " + frameLimitBytes
                + " bytes: raise cheshire.transport.term-buffer-bytes";
    }

    /** Seen from the router, which listens on {@code replyChannel}. */
    static String unanswered(final NodeEndpoint node, final long timeoutNs, final String replyChannel) {
        return "it didn't answer our Hello on " + node.channel() + " stream " + node.streamId() + " within "
                + timeoutNs / 1_000_000 + " ms: it can't be reached, can't reach " + replyChannel
                + ", or has another cheshire.transport.secret, which must be the same on both ends";
    }

    /** Seen from the router, which guards frames as {@code ours} says. */
    static String differs(final LinkOptions theirs, final LinkOptions ours) {
        if (theirs.mac() != ours.mac()) {
            return "its cheshire.transport.frame-mac is " + onOff(theirs.mac()) + " and ours " + onOff(ours.mac())
                    + " (auto is on where cheshire.transport.secret is set): set the same on both ends";
        }
        final boolean toNode = theirs.checksumToNode() != ours.checksumToNode();
        return "its cheshire.transport.checksum is "
                + onOff(toNode ? theirs.checksumToNode() : theirs.checksumToRouter()) + " for frames "
                + (toNode ? "to nodes" : "to routers") + " on this channel and ours "
                + onOff(toNode ? ours.checksumToNode() : ours.checksumToRouter())
                + ": set cheshire.transport.checksum.ipc and .udp the same on both ends";
    }

    private static String onOff(final boolean on) {
        return on ? "on" : "off";
    }

    /** Seen from the router, which has {@code model}. */
    static String describe(final HelloAnswer answer, final boolean signed, final ModelIdentity model) {
        return answer.status() == HelloStatus.ACCEPTED && !signed
                ? "its answer isn't signed with our secret: set the same cheshire.transport.secret on both ends"
                : "it refused us: " + why(answer, model);
    }

    private static String why(final HelloAnswer answer, final ModelIdentity model) {
        if (answer.version() != HelloDecoder.SCHEMA_VERSION || answer.status() == HelloStatus.WRONG_VERSION) {
            return "it speaks version " + answer.version() + " of the data plane and we version "
                    + HelloDecoder.SCHEMA_VERSION + ": run the same release on both ends";
        }
        return switch (answer.status()) {
            case WRONG_MODEL -> wrongModel(answer, model);
            case BAD_SECRET ->
                "our Hello isn't signed with its secret: set the same cheshire.transport.secret on both ends";
            case WRONG_NODE ->
                "node " + answer.nodeId() + " incarnation " + Long.toHexString(answer.nodeIncarnation())
                        + " answers there: it restarted, or the address is another node's";
            case TOO_MANY_ROUTERS ->
                "it serves as many routers as it may: stop one, or raise cheshire.transport.max-routers on all nodes";
            case ACCEPTED, WRONG_VERSION, NULL_VAL -> answer.status().toString();
        };
    }

    private static String wrongModel(final HelloAnswer answer, final ModelIdentity model) {
        final String theirs = model.precisions().get(answer.fingerprint());
        final String ours = model.precisions().get(model.fingerprint());
        if (theirs != null && ours != null && !theirs.equals(ours)) {
            return "it computes this model in " + theirs + " and we in " + ours
                    + ", which gives other bits: start both with the same --precision";
        }
        return "it serves model " + answer.fingerprint() + " and we " + model.fingerprint() + " ("
                + model.rowDtype() + " rows of " + model.hiddenSize()
                + "): start both with the same release, --model and --precision, and with kernels that give the"
                + " same bits (cheshire.device.bf16-matmul=panels does on any processor"
                + (model.rowDtype() == Dtype.F32 ? ", with --precision bf16)" : ")");
    }
}
