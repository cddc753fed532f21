package io.cheshire.chaos.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process printed, and what its child added to a log file. */
class ProcessErrorsTest {
    private final ProcessErrors errors = new ProcessErrors();

    @TempDir
    private Path folder;

    private void childLogs(final String text) throws IOException {
        final Path log = folder.resolve("router.log");
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        errors.printed("local-cluster", "router: pid 17, log " + log);
    }

    @Test
    void shouldFindTheErrorsOfAChildWithTheirTraces() throws IOException {
        childLogs("""
                08:15:00.001 WARN  i.c.Some - a warning that speaks of an ERROR
                08:15:00.002 ERROR i.c.Other - it broke
                java.lang.IllegalStateException: its cause
                \tat io.cheshire.Other.run(Other.java:1)
                08:15:00.003 INFO  i.c.Some - goes on
                """);

        assertThat(errors.takeFound()).containsExactly("""
                        router.log: 08:15:00.002 ERROR i.c.Other - it broke
                        java.lang.IllegalStateException: its cause
                        \tat io.cheshire.Other.run(Other.java:1)""");
    }

    @Test
    void shouldGiveEachLineOnceAndWaitForItsEnd() throws IOException {
        childLogs("08:15:00.002 ERROR i.c.Other - first\n08:15:00.003 ERROR i.c.Oth");
        assertThat(errors.takeFound()).containsExactly("router.log: 08:15:00.002 ERROR i.c.Other - first");

        childLogs("er - second\n");
        assertThat(errors.takeFound()).containsExactly("router.log: 08:15:00.003 ERROR i.c.Other - second");
        assertThat(errors.takeFound()).isEmpty();
    }

    @Test
    void shouldFindWhatAProcessPrintsItself() {
        errors.printed("serve", "Ready in 3 s");
        errors.printed("serve", "08:15:00.002 ERROR i.c.Other - it broke");

        assertThat(errors.takeFound()).containsExactly("serve: 08:15:00.002 ERROR i.c.Other - it broke");
    }

    @Test
    void shouldNotMindALogThatIsGone() {
        errors.printed("local-cluster", "router: pid 17, log " + folder.resolve("never-written.log"));

        assertThat(errors.takeFound()).isEmpty();
    }
}
