package io.cheshire.planner.runtime.cli;

import io.cheshire.ops.runtime.cli.CommandProvider;

/** Brings {@code cheshire plan} to the command line. */
public final class PlanCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new PlanCommand();
    }
}
