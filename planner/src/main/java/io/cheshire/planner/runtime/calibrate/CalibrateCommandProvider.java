package io.cheshire.planner.runtime.calibrate;

import io.cheshire.ops.runtime.cli.CommandProvider;

/** Brings {@code cheshire calibrate} to the command line. */
public final class CalibrateCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new CalibrateCommand();
    }
}
