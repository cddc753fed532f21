package io.cheshire.ops.core.doctor;

import java.util.List;

/**
 * What was found of the checkpoint, in bytes.
 *
 * @param directory        where it lies
 * @param problems         everything that keeps it from being served
 * @param summary          what it is, for people; empty where that couldn't be read
 * @param totalBytes       of its weights
 * @param routerBytes      of what each router holds
 * @param fullestNodeBytes of what the fullest node holds, with one copy of each unit
 * @param activeBytes      that one token reads at least
 */
public record ModelFacts(
        String directory,
        List<String> problems,
        String summary,
        long totalBytes,
        long routerBytes,
        long fullestNodeBytes,
        long activeBytes) {
    public ModelFacts {
        problems = List.copyOf(problems);
    }
}
