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
     * @param qx     one row's integers
     * @param sx     its scales
     * @param output which of the matrix's
     */
    public static float of(final byte[] qx, final float[] sx, final QuantisedMatrix weights, final int output) {
        final int inputs = weights.inputs();
        final int group = weights.how().group();
        final int scalesAt = output * weights.how().groups(inputs);
        float total = 0f;
        for (int first = 0, g = 0; first < inputs; first += group, g++) {
            final int count = Math.min(group, inputs - first);
            int sum = 0;
            for (int i = first; i < first + count; i++) {
                sum += qx[i] * weights.q()[output * inputs + i];
            }
            final float scaled = (float) sum * sx[g];
            total = total + scaled * Bf16.toFloat(weights.scales()[scalesAt + g]);
        }
        return total;
    }
}
