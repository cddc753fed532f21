package io.cheshire.planner.core.report;

import java.util.Locale;

/** What a chosen fleet is written down as. */
public enum EmitTarget {
    /** Values of the chart. */
    HELM,
    /** Settings of the processes. */
    HOCON,
    /** A command that rehearses it on one machine. */
    LOCAL_CLUSTER;

    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
