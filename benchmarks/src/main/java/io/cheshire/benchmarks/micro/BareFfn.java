package io.cheshire.benchmarks.micro;

/** The two matmuls of an expert by oneDNN alone: what any FFN on oneDNN can at best take. One thread. */
final class BareFfn implements AutoCloseable {
    private final BareMatmul gateUp;
    private final BareMatmul down;

    BareFfn(final int rows, final int hidden, final int ffn) {
        gateUp = new BareMatmul(rows, hidden, 2 * ffn);
        down = new BareMatmul(rows, ffn, hidden);
    }

    /** The second matmul reads random activations: SwiGLU is left out. */
    void run(final long rows, final long results) {
        gateUp.run(gateUp.inputOf(rows), gateUp.ownOutput());
        down.run(down.ownInput(), results);
    }

    @Override
    public void close() {
        gateUp.close();
        down.close();
    }
}
