package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;

/** The numbers in which oneDNN can add products of small integers without an error. */
enum ExactNumbers {
    /** Unsigned rows, signed weights, sums of 32 bits. Takes a processor's integer units (VNNI, AMX). */
    BYTES(Dnnl.U8, Dnnl.S8, Dnnl.S32, Dnnl.LAYOUT_BATCH_OF_FOURS, 64, "oneDNN"),
    /** All fp32, whose sums are exact below 2^24; weights are widened on the way, some groups at a time. */
    FLOATS(Dnnl.F32, Dnnl.F32, Dnnl.F32, Dnnl.LAYOUT_BATCH, 4, "oneDNN in fp32");

    private final int rowType;
    private final int weightType;
    private final int sumType;
    private final int weightLayout;
    private final int multiple;
    private final String words;

    ExactNumbers(
            final int rowType,
            final int weightType,
            final int sumType,
            final int weightLayout,
            final int multiple,
            final String words) {
        this.rowType = rowType;
        this.weightType = weightType;
        this.sumType = sumType;
        this.weightLayout = weightLayout;
        this.multiple = multiple;
        this.words = words;
    }

    /** oneDNN's type of rows. */
    int rowType() {
        return rowType;
    }

    /** oneDNN's type of weights. */
    int weightType() {
        return weightType;
    }

    /** oneDNN's type of sums: four bytes each. */
    int sumType() {
        return sumType;
    }

    /** How oneDNN lays out a panel's weights. */
    int weightLayout() {
        return weightLayout;
    }

    /** Whether oneDNN can read weights as they lie. */
    boolean takes(final QuantisedLayout layout) {
        return layout.how().group() % multiple == 0
                && (this == FLOATS
                        || layout.how().bits() < Byte.SIZE // unpacked on the way
                        || layout.order() == QuantisedLayout.Order.FOURS);
    }

    /** For people. */
    String words() {
        return words;
    }
}
