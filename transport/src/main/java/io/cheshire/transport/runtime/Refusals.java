package io.cheshire.transport.runtime;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;

/** Says to people why a handshake was refused, and what to do. */
final class Refusals {
    private Refusals() {}

    static String rowTooLarge(final int rowBytes, final int frameLimitBytes) {
        return "a row of " + rowBytes + " bytes doesn't fit the longest frame of " + frameLimitBytes
                + " bytes: raise cheshire.transport.term-buffer-bytes";
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
            case WRONG_MODEL ->
                "it serves model " + answer.fingerprint() + " and we " + model.fingerprint() + " ("
                        + model.rowDtype() + " rows of " + model.hiddenSize()
                        + "): start both with the same release, --model and --precision, and with kernels that give the"
                        + " same bits (cheshire.device.bf16-matmul=panels does on any processor"
                        + (model.rowDtype() == Dtype.F32 ? ", with --precision bf16)" : ")");
            case BAD_SECRET ->
                "our Hello isn't signed with its secret: set the same cheshire.transport.secret on both ends";
            case WRONG_NODE ->
                "node " + answer.nodeId() + " incarnation " + Long.toHexString(answer.nodeIncarnation())
                        + " answers there: it restarted, or the address is another node's";
            case TOO_MANY_ROUTERS -> "it serves as many routers as it may: raise cheshire.transport.max-routers";
            case ACCEPTED, WRONG_VERSION, NULL_VAL -> answer.status().toString();
        };
    }
}
