package io.cheshire.model.protocol.calibration;

import io.cheshire.model.protocol.ModelConfig;
import java.util.List;
import java.util.Map;

/**
 * One class of machine, as measured, or, where {@code assumed}, as derived from a data sheet.
 *
 * @param formatVersion {@link #FORMAT}
 * @param origin        where and of what it was taken
 * @param fits          one for each {@link Quantity}
 * @param spreads       one for each {@link Spread}
 * @param kvBlocks      blocks of the KV cache, read from the running engine, never computed; 0 in what is assumed
 * @param warnings      for people: what was odd while it was measured
 * @param evidence      what it was fitted to; empty in what is assumed
 */
public record Calibration(
        int formatVersion,
        Origin origin,
        Map<Quantity, Fit> fits,
        Map<Spread, Quantiles> spreads,
        long kvBlocks,
        List<String> warnings,
        Evidence evidence) {
    public static final int FORMAT = 1;

    public Calibration {
        fits = Map.copyOf(fits);
        spreads = Map.copyOf(spreads);
        warnings = List.copyOf(warnings);
    }

    /** Without evidence. */
    public Calibration(
            final int formatVersion,
            final Origin origin,
            final Map<Quantity, Fit> fits,
            final Map<Spread, Quantiles> spreads,
            final long kvBlocks,
            final List<String> warnings) {
        this(formatVersion, origin, fits, spreads, kvBlocks, warnings, Evidence.NONE);
    }

    /** The same with other fits. */
    public Calibration withFits(final Map<Quantity, Fit> others) {
        return new Calibration(formatVersion, origin, others, spreads, kvBlocks, warnings, evidence);
    }

    /** Where a calibration comes from. What it is used for must be of the same shape and precision. */
    public record Origin(
            boolean assumed,
            String commit,
            String machine,
            int threads,
            String jdk,
            String date,
            String modelFingerprint,
            Shape shape,
            String precision) {}

    /** What of a model decides times. Sizes as {@code ModelConfig} names them. */
    public record Shape(
            int vocabSize,
            int hiddenSize,
            int ffnSize,
            int layerCount,
            int headCount,
            int kvHeadCount,
            int headDim,
            int expertCount,
            int expertsPerToken) {
        /** The shape of a model. */
        public static Shape of(final ModelConfig config) {
            return new Shape(
                    config.vocabSize(),
                    config.hiddenSize(),
                    config.ffnSize(),
                    config.layerCount(),
                    config.headCount(),
                    config.kvHeadCount(),
                    config.headDim(),
                    config.expertCount(),
                    config.expertsPerToken());
        }
    }

    /** Delays that are not a function of anything. */
    public enum Spread {
        /** From the death of a node until its router has sent its rows elsewhere. */
        DETECT_DEATH,
        /** From the silence of a node until the same. */
        DETECT_SILENCE,
        /** From the coordinator's decision until routers use an epoch, loads apart. */
        PUBLISH,
        /** From the start of a killed node's process until the coordinator knows it; older calibrations have none. */
        RESTART,
        /** Stalls of a process (collector, scheduler): their lengths. */
        PAUSE,
        /** Time from one stall to the next. */
        BETWEEN_PAUSES
    }

    /** Rising times at the given probabilities, 0 to 1; linear in between. */
    public record Quantiles(List<Double> probabilities, List<Double> ns) {
        public Quantiles {
            probabilities = List.copyOf(probabilities);
            ns = List.copyOf(ns);
            if (probabilities.isEmpty() || probabilities.size() != ns.size()) {
                throw new IllegalArgumentException(
                        probabilities.size() + " probabilities have " + ns.size() + " times");
            }
        }
    }

    /**
     * What was seen, so that a reader can judge the fits.
     *
     * @param points      by quantity, what was measured
     * @param probeNs     how long the speed probe took: before, between the parts, after
     * @param corrections by quantity, what its fit was multiplied with so that whole runs come out right; far from 1
     *                    means that the model doesn't explain it
     */
    public record Evidence(Map<Quantity, List<Point>> points, List<Double> probeNs, Map<Quantity, Double> corrections) {
        public static final Evidence NONE = new Evidence(Map.of(), List.of(), Map.of());

        public Evidence {
            points = Map.copyOf(points);
            probeNs = List.copyOf(probeNs);
            corrections = Map.copyOf(corrections);
        }
    }

    /**
     * One measurement.
     *
     * @param first    as {@link Fit#ns} takes it
     * @param second   likewise; 0 where the quantity has one argument
     * @param ns       how long it took
     * @param residual measured less predicted, as a share of predicted
     */
    public record Point(double first, double second, double ns, double residual) {}
}
