package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ResolvedFault;
import java.util.List;
import java.util.function.Consumer;

/** Watches an experiment while it runs, and may end it. Called from several threads. */
@FunctionalInterface
interface RunView extends Consumer<String> {
    /** Who will be hit is known. */
    default void targeted(final List<ResolvedFault> faults) {}

    /** The load with faults begins; the watch looks at the cluster meanwhile. */
    default void struck(final ClusterWatch watch) {}

    /** A token came, so long after the one before it in its stream; 0 of the first. */
    default void token(final long nowNs, final long gapNs) {}

    /** A fault is done now. */
    default void began(final ResolvedFault fault, final double atMs) {}

    /** A fault is over, or was over at once. */
    default void ended(final ResolvedFault fault, final double fromMs, final double toMs) {}

    /** Why somebody wants it to end; empty while nobody does. */
    default String endAsked() {
        return "";
    }
}
