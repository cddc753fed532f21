package io.cheshire.http.runtime.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.core.console.ChaosState;
import org.jspecify.annotations.Nullable;

/** Runs experiments for the console, one at a time. Safe from any thread; whatever says so may block for seconds. */
public interface Laboratory extends AutoCloseable {
    /** Examples, kinds of faults and bounds, for forms. */
    JsonNode catalogue();

    /**
     * What a file says and who would be hit, as far as can be known before. Blocks.
     *
     * @throws LaboratoryRefused it can't be run, and why
     */
    JsonNode check(LaboratoryAsk ask);

    /**
     * Begins; returns its id. Blocks until its targets are known.
     *
     * @throws LaboratoryRefused it can't be run, and why
     */
    String start(LaboratoryAsk ask);

    /**
     * Ends the one that runs and takes back what it did; it is in the archive soon after.
     *
     * @throws LaboratoryRefused none runs
     */
    void abort(String why);

    /** The one that runs with its figures so far, if one does, and heads of all reports. */
    JsonNode state();

    /** A report, or null if there is none of this id. */
    @Nullable
    JsonNode report(String id);

    /** The same as a page of its own, or null. */
    @Nullable
    String page(String id);

    /** Figures of two reports side by side, or null if one isn't there. */
    @Nullable
    JsonNode compare(String first, String second);

    /** What all pages show. */
    ChaosState shown();

    /** Ends what runs and takes it back. */
    @Override
    void close();
}
