package io.cheshire.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Fails a test during which the system logs a line of level ERROR that {@link ExpectedErrors} does not announce: a
 * system that works as intended logs none. JUnit finds it by itself, for every test of every module. A line that is
 * logged after a test is held against the next one, or against its class. Tests that run at the same time share the
 * log: those that expect errors run alone.
 */
public final class ErrorWatch implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final ErrorLog LOG = new ErrorLog();
    private static final ExpectedTexts EXPECTED = new ExpectedTexts();
    private static final List<Supplier<List<String>>> OTHERS = new CopyOnWriteArrayList<>();

    /**
     * Lines of level ERROR from elsewhere count as well, such as those of processes that tests start.
     *
     * @param source gives each line once; asked after every test and every class
     */
    public static void alsoWatch(final Supplier<List<String>> source) {
        OTHERS.add(source);
    }

    @Override
    public void beforeAll(final ExtensionContext context) {
        LOG.open();
        EXPECTED.begin(context.getRequiredTestClass().getName(), texts(context));
    }

    @Override
    public void beforeEach(final ExtensionContext context) {
        LOG.open();
        EXPECTED.add(context.getRequiredTestClass().getName(), texts(context));
    }

    @Override
    public void afterEach(final ExtensionContext context) {
        refuseUnexpected();
    }

    @Override
    public void afterAll(final ExtensionContext context) {
        refuseUnexpected();
        final Set<String> unseen = EXPECTED.end(context.getRequiredTestClass().getName());
        if (!unseen.isEmpty()) {
            throw new AssertionError("no line of level ERROR contained " + unseen + ": @ExpectedErrors is out of date");
        }
    }

    private static void refuseUnexpected() {
        final List<String> lines = new ArrayList<>(LOG.take());
        OTHERS.forEach(source -> lines.addAll(source.get()));
        final List<String> unexpected = EXPECTED.unexpectedOf(lines);
        if (!unexpected.isEmpty()) {
            throw new AssertionError("logged at level ERROR, which no @ExpectedErrors announces: " + unexpected);
        }
    }

    private static List<String> texts(final ExtensionContext context) {
        return context.getElement()
                .flatMap(element -> AnnotationSupport.findAnnotation(element, ExpectedErrors.class))
                .map(annotation -> List.of(annotation.value()))
                .orElse(List.of());
    }
}
