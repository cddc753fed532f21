package io.cheshire.http.runtime.console;

import org.jspecify.annotations.Nullable;

/**
 * What the console asks a laboratory to run.
 *
 * @param file text of an experiment file
 * @param on   {@code running} or {@code simulation}, instead of what the file says
 * @param seed instead of the file's, or null
 */
public record LaboratoryAsk(
        String file, String on, @Nullable Long seed) {}
