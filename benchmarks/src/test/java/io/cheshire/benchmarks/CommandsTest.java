package io.cheshire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.runtime.cli.CommandProvider;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class CommandsTest {
    @Test
    void shouldAddItsCommandsToTheLaunchers() {
        assertThat(ServiceLoader.load(CommandProvider.class))
                .hasAtLeastOneElementOfType(BenchCommandProvider.class)
                .hasAtLeastOneElementOfType(BalanceCommandProvider.class);
    }
}
