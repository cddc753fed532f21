package io.cheshire.planner.runtime.calibrate;

/**
 * The same work every time, about a tenth of a second: how fast this machine is at the moment. Whoever measures for
 * longer takes it before, between and after, since speeds change within seconds where hosts are shared.
 */
public final class SpeedProbe {
    private static final int VALUES = 1 << 18;
    private static final int PASSES = 800;

    private final double[] values = new double[VALUES];
    private double sum;

    public SpeedProbe() {
        for (int i = 0; i < VALUES; i++) {
            values[i] = 1.0 / (i + 1);
        }
        // Until it is compiled.
        takeNs();
    }

    /** Time of one probe. */
    public long takeNs() {
        final long beganNs = System.nanoTime();
        for (int pass = 0; pass < PASSES; pass++) {
            sum += pass(pass);
        }
        final long tookNs = System.nanoTime() - beganNs;
        if (Double.isNaN(sum)) {
            throw new IllegalStateException("a sum of finite numbers is finite");
        }
        return tookNs;
    }

    /** Four sums at once, as kernels have them; what they add up to is kept, so that nothing is left out. */
    private double pass(final int pass) {
        double a = pass;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int i = 0; i < VALUES; i += 4) {
            a += values[i] * 1.0001;
            b += values[i + 1] * 1.0001;
            c += values[i + 2] * 1.0001;
            d += values[i + 3] * 1.0001;
        }
        return a + b + c + d;
    }
}
