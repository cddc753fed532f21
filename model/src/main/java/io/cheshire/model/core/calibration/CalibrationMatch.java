package io.cheshire.model.core.calibration;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.CalibrationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a calibration says anything of a model. Another shape or precision takes another time for everything, so
 * these are refused; another program or machine may be as fast, which a person must judge.
 */
public final class CalibrationMatch {
    private CalibrationMatch() {}

    /**
     * Refuses a calibration of another shape or precision.
     *
     * @param source what to call it in errors
     */
    public static void require(
            final Calibration calibration, final String source, final Shape shape, final Precision precision) {
        final Origin origin = calibration.origin();
        final List<String> problems = new ArrayList<>();
        final Map<String, Integer> own = sizes(shape);
        sizes(origin.shape()).forEach((name, measured) -> {
            final Integer size = own.get(name);
            if (!measured.equals(size)) {
                problems.add(name + " is " + measured + " in it and " + size + " in the model");
            }
        });
        if (!precision.name().equals(origin.precision())) {
            problems.add("precision is " + origin.precision() + " in it and " + precision + " is served");
        }
        if (!problems.isEmpty()) {
            throw new CalibrationException(
                    source + " was taken of another model; take one of this: ./cheshire calibrate --model DIR",
                    problems);
        }
    }

    /**
     * What a person should know before believing it.
     *
     * @param machine as {@link Origin#machine} has it, of the machine that is asked about
     */
    public static List<String> warnings(final Calibration calibration, final String commit, final String machine) {
        final Origin origin = calibration.origin();
        final List<String> warnings = new ArrayList<>(calibration.warnings());
        if (origin.assumed()) {
            warnings.add("nothing was measured: times are derived from data sheets (" + origin.machine() + ")");
            return warnings;
        }
        if (!origin.commit().equals(commit)) {
            warnings.add("calibrated with commit " + origin.commit() + ", this is " + commit + "; calibrate again");
        }
        if (!origin.machine().equals(machine)) {
            warnings.add("calibrated on " + origin.machine() + ", this is " + machine);
        }
        return warnings;
    }

    private static Map<String, Integer> sizes(final Shape shape) {
        final Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("vocabSize", shape.vocabSize());
        sizes.put("hiddenSize", shape.hiddenSize());
        sizes.put("ffnSize", shape.ffnSize());
        sizes.put("layerCount", shape.layerCount());
        sizes.put("headCount", shape.headCount());
        sizes.put("kvHeadCount", shape.kvHeadCount());
        sizes.put("headDim", shape.headDim());
        sizes.put("expertCount", shape.expertCount());
        sizes.put("expertsPerToken", shape.expertsPerToken());
        return sizes;
    }
}
