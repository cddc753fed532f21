package io.cheshire.benchmarks.engine.core;

/** How the engine reaches the kernels of the experts. */
public enum Mode {
    /** Frames over the data plane to expert nodes of this process. */
    TRANSPORT("over Aeron", "transport"),
    /** The same kernels, called directly as jobs of the device. */
    DIRECT("called directly", "no_transport");

    private final String label;
    private final String key;

    Mode(final String label, final String key) {
        this.label = label;
        this.key = key;
    }

    /** For people. */
    public String label() {
        return label;
    }

    /** For machines. */
    public String key() {
        return key;
    }
}
