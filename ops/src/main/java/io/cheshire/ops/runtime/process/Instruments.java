package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.transport.core.ExpertTransport;
import org.agrona.concurrent.Agent;

/**
 * Wraps the parts of a process as they are made, for whoever measures them. Asked by the thread that starts the
 * process.
 */
public interface Instruments {
    /** Wraps nothing: what servers run with. */
    Instruments NONE = new Instruments() {};

    /** A duty cycle, on its way to its thread. */
    default Agent agent(final Agent agent) {
        return agent;
    }

    /** The device's kernels. */
    default Kernels kernels(final Kernels kernels) {
        return kernels;
    }

    /** A router's end of the data plane. */
    default ExpertTransport transport(final ExpertTransport transport) {
        return transport;
    }
}
