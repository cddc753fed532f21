package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.process.CpuWatch;
import io.cheshire.chaos.runtime.JsonClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A cluster that answers over HTTP and can be hurt. Faults begin and end on one thread. */
interface ExperimentSite extends AutoCloseable {
    /** Clients of the API, one a router. */
    List<JsonClient> apis();

    /** A client of an operations listener. */
    JsonClient ops();

    /** Does it; what was done to processes ends by itself, whatever becomes of this one. */
    void begin(ResolvedFault fault);

    /** Takes it back, or waits until it is over. */
    void end(ResolvedFault fault) throws InterruptedException;

    /** Whether every process that was killed runs again. */
    boolean isBack();

    /** Watches the cores for a run, where the first router runs on this host; null elsewhere. */
    @Nullable
    CpuWatch watchCores();

    /** Takes back whatever is still done. */
    void heal();

    @Override
    void close();
}
