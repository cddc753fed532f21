package io.cheshire.transport.protocol;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import io.cheshire.transport.sbe.RowDtype;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/** Places that all frames have in common (drawn in cheshire-sbe.xml), counted from the start of the frame. */
public final class FrameLayout {
    /** Length of the messageHeader. */
    public static final int HEADER_BYTES = MessageHeaderDecoder.ENCODED_LENGTH;
    /** Header and the part of the block that all messages share. */
    public static final int COMMON_BYTES = HEADER_BYTES + 24;
    /** Where the rows of a Dispatch or Result start; a multiple of 64. */
    public static final int ROWS_OFFSET = HEADER_BYTES + DispatchDecoder.BLOCK_LENGTH;
    /** Flag bit: the frame carries a checksum. */
    public static final int FLAG_CHECKSUM = 1;
    /** Flag bit: the frame carries a MAC and a number, and no checksum. */
    public static final int FLAG_MAC = 2;

    static final int FRAME_BYTES_OFFSET = HEADER_BYTES + DispatchDecoder.frameBytesEncodingOffset();
    static final int CHECKSUM_OFFSET = HEADER_BYTES + DispatchDecoder.checksumEncodingOffset();
    static final int FLAGS_OFFSET = HEADER_BYTES + DispatchDecoder.flagsEncodingOffset();
    static final int NODE_ID_OFFSET = HEADER_BYTES + DispatchDecoder.nodeIdEncodingOffset();
    static final int NUMBER_OFFSET = HEADER_BYTES + DispatchDecoder.frameNumberEncodingOffset();
    static final int MAC_OFFSET = HEADER_BYTES + DispatchDecoder.macEncodingOffset();
    static final int LINK_ID_OFFSET = HEADER_BYTES + DispatchDecoder.linkIdEncodingOffset();

    static {
        if (DispatchDecoder.BLOCK_LENGTH != ResultDecoder.BLOCK_LENGTH || ROWS_OFFSET % 64 != 0) {
            throw new ExceptionInInitializerError("rows of Dispatch and Result must start at the same multiple of 64");
        }
    }

    private FrameLayout() {}

    /** Template of a frame that has at least {@link #COMMON_BYTES}. */
    public static int templateId(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset + MessageHeaderDecoder.templateIdEncodingOffset(), ByteOrder.LITTLE_ENDIAN)
                & 0xFFFF;
    }

    /** Node of a frame that has at least {@link #COMMON_BYTES}. */
    public static int nodeId(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + NODE_ID_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Link of a frame that has at least {@link #COMMON_BYTES}. */
    public static long linkId(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + LINK_ID_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Wire code of a row format. */
    static RowDtype wireDtype(final Dtype dtype) {
        return switch (dtype) {
            case BF16 -> RowDtype.BF16;
            case F32 -> RowDtype.F32;
            case F16, I8, I4X2 -> throw new IllegalArgumentException("rows travel in bf16 or fp32");
        };
    }
}
