package io.cheshire.model.runtime.onednn.simd;

/** Writes integers of weights where {@link QuantisedLayout} wants them. Any thread. */
public final class QuantisedPanels {
    private QuantisedPanels() {}

    /**
     * One output of a panel.
     *
     * @param q      its integers, filled up with zeros to whole groups, from {@code at}
     * @param output 0 .. PANEL - 1
     * @param panel  address of the panel's weights
     */
    public static void pack(
            final QuantisedLayout layout, final byte[] q, final int at, final int output, final long panel) {
        final boolean bytes = layout.how().bits() == Byte.SIZE;
        final int count = layout.paddedInputs();
        switch (layout.order()) {
            case FOURS -> {
                final long to = panel + (long) output * Integer.BYTES;
                if (bytes) {
                    packFours(q, at, count, to);
                } else {
                    packEights(q, at, count, to);
                }
            }
            case ROWS -> {
                if (bytes) {
                    packRows(q, at, count, panel + output);
                } else {
                    packHalves(q, at, count, panel + Int4Kernels.place(output));
                }
            }
        }
    }

    private static void packRows(final byte[] q, final int at, final int count, final long to) {
        for (int i = 0; i < count; i++) {
            Lanes.setByte(to + (long) i * QuantisedLayout.PANEL, q[at + i]);
        }
    }

    private static void packFours(final byte[] q, final int at, final int count, final long to) {
        long address = to;
        for (int i = at; i < at + count; i += 4) {
            Lanes.setInt(
                    address,
                    (q[i] & 0xff) | (q[i + 1] & 0xff) << 8 | (q[i + 2] & 0xff) << 16 | (q[i + 3] & 0xff) << 24);
            address += QuantisedLayout.STEP_BYTES;
        }
    }

    private static void packEights(final byte[] q, final int at, final int count, final long to) {
        long address = to;
        for (int i = at; i < at + count; i += 8) {
            for (int j = 0; j < 4; j++) {
                Lanes.setByte(address + j, halves(q[i + j], q[i + 4 + j]));
            }
            address += QuantisedLayout.STEP_BYTES;
        }
    }

    private static byte halves(final byte low, final byte high) {
        return (byte) ((low + Int4Kernels.OFFSET) | (high + Int4Kernels.OFFSET) << 4);
    }

    private static void packHalves(final byte[] q, final int at, final int count, final long to) {
        long address = to;
        for (int i = at; i < at + count; i += 2) {
            Lanes.setByte(address, halves(q[i], q[i + 1]));
            address += QuantisedLayout.PANEL;
        }
    }

    /**
     * One output's scales and sums of weights, groups following each other.
     *
     * @param q        the output's integers, filled up with zeros to whole groups
     * @param scales   its scales in bf16
     * @param toScales address of the panel's scales
     * @param toSums   of its sums
     */
    public static void packScales(
            final QuantisedLayout layout,
            final byte[] q,
            final short[] scales,
            final int output,
            final long toScales,
            final long toSums) {
        final int group = layout.how().group();
        for (int g = 0; g < layout.groups(); g++) {
            int sum = 0;
            for (int i = 0; i < group; i++) {
                sum += q[g * group + i];
            }
            final long offset = ((long) g * QuantisedLayout.PANEL + output) * Short.BYTES;
            Lanes.setHalf(toScales + offset, scales[g]);
            Lanes.setHalf(toSums + offset, (short) sum);
        }
    }
}
