package io.cheshire.planner.runtime.calibrate;

import io.cheshire.planner.core.calibrate.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measurements of one quantity as they come. One thread. */
final class Samples {
    private record At(double first, double second) {}

    private final Map<At, List<Double>> byPlace = new LinkedHashMap<>();

    void add(final double first, final double second, final double ns) {
        byPlace.computeIfAbsent(new At(first, second), at -> new ArrayList<>()).add(ns);
    }

    List<Sample> all() {
        final List<Sample> samples = new ArrayList<>();
        byPlace.forEach((at, ns) -> samples.add(new Sample(at.first(), at.second(), ns)));
        return samples;
    }

    void clear() {
        byPlace.clear();
    }
}
