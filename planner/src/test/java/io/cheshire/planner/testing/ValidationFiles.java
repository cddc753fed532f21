package io.cheshire.planner.testing;

import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.runtime.validate.ValidationStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What comparisons came to. With {@code -Dcheshire.planner.validation=docs/planning-validation} tests write it down
 * there, one file a level, from which {@code ValidationPageTest} makes the page.
 */
public final class ValidationFiles {
    private static final String PROPERTY = "cheshire.planner.validation";

    private ValidationFiles() {}

    /** Where to, if anywhere. */
    public static @Nullable Path directory() {
        final String name = System.getProperty(PROPERTY);
        return name == null
                ? null
                : Path.of(System.getProperty("cheshire.root", "..")).resolve(name);
    }

    /** One comparison: printed, and written where that is wanted. */
    public static synchronized void note(final ValidationCell cell) {
        System.out.printf(
                "%s %s, %s: %.4g, predicted %.4g, %+.2f %%%n",
                cell.level(), cell.scenario(), cell.figure(), cell.reference(), cell.predicted(), 100 * cell.error());
        final Path directory = directory();
        if (directory == null) {
            return;
        }
        try {
            ValidationStore.add(directory, cell);
        } catch (final IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
