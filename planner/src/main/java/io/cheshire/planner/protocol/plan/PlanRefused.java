package io.cheshire.planner.protocol.plan;

import java.util.List;

/** A plan that can't be computed: every problem with its line, value and remedy, for whoever wrote it. */
public final class PlanRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PlanRefused(final List<String> problems) {
        super(String.join("\n", problems));
    }
}
