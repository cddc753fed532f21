package io.cheshire.benchmarks;

import io.cheshire.ops.runtime.cli.CommandProvider;

/** Brings {@code cheshire bench} to the command line. */
public final class BenchCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new BenchCommand();
    }
}
