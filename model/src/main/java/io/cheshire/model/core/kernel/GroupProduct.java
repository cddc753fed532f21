package io.cheshire.model.core.kernel;

/**
 * One output of a quantised matmul (docs/model.md §7.1). Sums within a group are exact, so their order is free; scales
 * are applied and groups added in this order and no other, each operation rounded by itself.
 */
public final class GroupProduct {
    private GroupProduct() {}

    /**
     * {@code acc = acc + ((float) S_g * sx_g) * sw_g} for each group in turn, from +0.
     *
     * @param qx one row's integers, from {@code xAt}
     * @param sx its scales, from {@code sxAt}
     * @param qw one output's integers, from {@code wAt}
     * @param sw its scales in bf16, from {@code swAt}
     */
    public static float of(
            final byte[] qx,
            final int xAt,
            final float[] sx,
            final int sxAt,
            final byte[] qw,
            final int wAt,
            final short[] sw,
            final int swAt,
            final int inputs,
            final int group) {
        float total = 0f;
        for (int first = 0, g = 0; first < inputs; first += group, g++) {
            final int count = Math.min(group, inputs - first);
            int sum = 0;
            for (int i = 0; i < count; i++) {
                sum += qx[xAt + first + i] * qw[wAt + first + i];
            }
            final float scaled = (float) sum * sx[sxAt + g];
            total = total + scaled * Bf16.toFloat(sw[swAt + g]);
        }
        return total;
    }
}
