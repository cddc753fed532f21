package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearseIT {
    /** The launcher's archive of classes is made by it, and its failure would show as slower starts only. */
    @Test
    void shouldHaveEveryKindOfProcessAnswerWhenItRehearses() {
        assertThat(Main.run("rehearse")).isZero();
    }
}
