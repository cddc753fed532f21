package io.cheshire.chaos;

import io.cheshire.chaos.runtime.ProcessErrors;
import io.cheshire.testing.ErrorWatch;
import org.junit.jupiter.api.extension.Extension;

/** Errors that a test's processes log fail it as its own do. JUnit finds this by itself, and makes one of it. */
public final class ProcessErrorWatch implements Extension {
    /** From now on. */
    public ProcessErrorWatch() {
        ErrorWatch.alsoWatch(ProcessErrors::take);
    }
}
