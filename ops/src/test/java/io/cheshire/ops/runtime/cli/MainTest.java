package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MainTest {
    @Test
    void shouldLookAtTheFlagsOfOneCommandWhenItIsNamed() {
        assertThat(Main.commandLine("expert-node", "--node-id", "3").getSubcommands())
                .containsOnlyKeys("expert-node");
    }

    @Test
    void shouldOfferEveryCommandWhenNoneIsNamed() {
        assertThat(Main.commandLine("--help").getSubcommands())
                .containsKeys("serve", "local-cluster", "coordinator", "router", "expert-node", "cluster", "inspect")
                .containsKeys("synth");
        assertThat(Main.commandLine("sevre").getSubcommands()).containsKeys("serve");
        assertThat(Main.commandLine().getSubcommands()).containsKeys("serve");
    }
}
