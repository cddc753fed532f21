package io.cheshire.model.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransitionTableTest {
    private enum Door {
        OPEN,
        SHUT,
        BROKEN
    }

    @TempDir
    private Path directory;

    private static boolean mayBecome(final Door from, final Door to) {
        return switch (from) {
            case OPEN -> to == Door.SHUT || to == Door.BROKEN;
            case SHUT -> to == Door.BROKEN;
            case BROKEN -> false;
        };
    }

    private TransitionTable table(final String... rows) throws IOException {
        final String head = "/**\n * A door.\n *\n * <pre>\n *   from | to | when\n *   -----|----|-----\n";
        return TransitionTable.in(Files.writeString(
                directory.resolve("Door.java"),
                head + " *   " + String.join("\n *   ", rows)
                        + "\n * </pre>\n */\nenum Door { OPEN | SHUT | BROKEN }\n"));
    }

    @Test
    void shouldFindNoDifferenceWhenTheCommentIsTrue() throws IOException {
        assertThat(table("OPEN | SHUT | pushed", "     |      | by hand", "OPEN, SHUT | BROKEN | kicked | hard")
                        .differences(Door.class, TransitionTableTest::mayBecome))
                .isEmpty();
    }

    @Test
    void shouldNameEveryRowThatIsMissingOrTooMuchOrMisspelt() throws IOException {
        assertThat(table("OPEN, SHUT | BROKEN | kicked", "BROKEN | OPEN | mended", "OPEN | SHUTT | pushed")
                        .differences(Door.class, TransitionTableTest::mayBecome))
                .containsExactly(
                        "only the code has OPEN to SHUT",
                        "only the comment has BROKEN to OPEN",
                        "there are no such states: OPEN to SHUTT");
    }

    @Test
    void shouldRefuseATableThatCannotBeRead() {
        assertThatThrownBy(() -> table("OPEN | SHUT | pushed", "OPEN | SHUT | again"))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> table("OPEN, SHUT")).hasMessageContaining("fewer columns");
    }
}
