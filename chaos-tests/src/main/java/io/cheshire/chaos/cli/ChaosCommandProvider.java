package io.cheshire.chaos.cli;

import io.cheshire.ops.runtime.cli.CommandProvider;

/** Brings {@code cheshire chaos} to the command line. */
public final class ChaosCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new ChaosCommand();
    }
}
