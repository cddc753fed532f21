package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * All that is kept of a run: what the page is drawn from, what {@code chaos compare} reads, what {@code --json} prints.
 *
 * @param name       of the experiment
 * @param about      its description
 * @param command    repeats it
 * @param parameters of the run, in order, for people
 * @param verdict    what it says
 * @param figures    what was found
 * @param loadMs     when no new stream began any more
 * @param faults     what was done
 * @param marks      moments, in order of time
 * @param gaps       the longest, longest first
 * @param streams    each stream
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ExperimentReport(
        String name,
        String about,
        String command,
        Map<String, String> parameters,
        Verdict verdict,
        RunFigures figures,
        double loadMs,
        List<FaultRegion> faults,
        List<RunMark> marks,
        List<LongGap> gaps,
        List<StreamLine> streams) {
    public ExperimentReport {
        faults = List.copyOf(faults);
        marks = List.copyOf(marks);
        gaps = List.copyOf(gaps);
        streams = List.copyOf(streams);
    }
}
