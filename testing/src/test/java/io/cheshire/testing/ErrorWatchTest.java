package io.cheshire.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the tests of {@link Logging} and {@link OutOfDate}, which only pass or fail inside this one. */
class ErrorWatchTest {
    private static final String INSIDE = "cheshire.test.inside";
    private static final Logger LOG = LoggerFactory.getLogger(ErrorWatchTest.class);

    @EnabledIfSystemProperty(named = INSIDE, matches = "true")
    static final class Logging {
        @Test
        void warns() {
            LOG.warn("no more than a warning");
        }

        @Test
        void logsAnError() {
            LOG.error("on purpose: nobody announced this", new IllegalStateException("its cause"));
        }

        @Test
        @ExpectedErrors("announced")
        void logsTheErrorThatIsExpected() {
            LOG.error("on purpose: announced");
        }

        @Test
        @ExpectedErrors("its known cause")
        void logsTheCauseThatIsExpected() {
            LOG.error("on purpose", new IllegalStateException("its known cause"));
        }
    }

    @EnabledIfSystemProperty(named = INSIDE, matches = "true")
    static final class OutOfDate {
        @Test
        @ExpectedErrors("once logged")
        void logsNothing() {}
    }

    @EnabledIfSystemProperty(named = INSIDE, matches = "true")
    static final class FromElsewhere {
        private static final Queue<String> LINES = new ConcurrentLinkedQueue<>();

        @Test
        void hasAProcessLogAnError() {
            LINES.add("a process: on purpose, nobody announced this");
        }

        @Test
        @ExpectedErrors("announced from elsewhere")
        void hasAProcessLogWhatIsExpected() {
            LINES.add("a process: announced from elsewhere");
        }

        static List<String> take() {
            final List<String> taken = List.copyOf(LINES);
            LINES.clear();
            return taken;
        }
    }

    @Test
    void shouldHoldLinesFromElsewhereAgainstTheTestThatHadThemLogged() {
        ErrorWatch.alsoWatch(FromElsewhere::take);

        final TestExecutionSummary summary = run(FromElsewhere.class);

        assertThat(summary.getTestsSucceededCount()).as(said(summary)).isEqualTo(1);
        assertThat(summary.getFailures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.getTestIdentifier().getDisplayName()).isEqualTo("hasAProcessLogAnError()"));
    }

    @Test
    void shouldFailOnlyTheTestThatLogsAnUnexpectedError() {
        final TestExecutionSummary summary = run(Logging.class);

        assertThat(summary.getTestsSucceededCount()).as(said(summary)).isEqualTo(3);
        assertThat(summary.getFailures()).singleElement().satisfies(failure -> {
            assertThat(failure.getTestIdentifier().getDisplayName()).isEqualTo("logsAnError()");
            assertThat(failure.getException()).hasMessageContainingAll("nobody announced this", "its cause");
        });
    }

    @Test
    void shouldFailTheClassWhenAnExpectedErrorIsLoggedNoMore() {
        final TestExecutionSummary summary = run(OutOfDate.class);

        assertThat(summary.getFailures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.getException()).hasMessageContainingAll("once logged", "out of date"));
    }

    private static TestExecutionSummary run(final Class<?> tests) {
        final SummaryGeneratingListener listener = new SummaryGeneratingListener();
        System.setProperty(INSIDE, "true");
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(tests))
                                    .filters(EngineFilter.includeEngines("junit-jupiter"))
                                    .build(),
                            listener);
        } finally {
            System.clearProperty(INSIDE);
        }
        return listener.getSummary();
    }

    private static String said(final TestExecutionSummary summary) {
        final StringWriter out = new StringWriter();
        summary.printFailuresTo(new PrintWriter(out));
        return out.toString();
    }
}
