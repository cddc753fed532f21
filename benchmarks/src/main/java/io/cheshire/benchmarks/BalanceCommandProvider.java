package io.cheshire.benchmarks;

import io.cheshire.benchmarks.balance.BalanceCommand;
import io.cheshire.ops.runtime.cli.CommandProvider;

/** Brings {@code cheshire balance} to the command line. */
public final class BalanceCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new BalanceCommand();
    }
}
