package io.cheshire.model.testing;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Evidence;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A complete calibration with round figures, for tests. */
public final class SampleCalibration {
    /** The figures of Phi-3.5-MoE. */
    public static final Shape SHAPE = new Shape(32_064, 4_096, 6_400, 32, 32, 8, 128, 16, 2);

    private SampleCalibration() {}

    /** One of Phi-3.5-MoE's shape in bf16. */
    public static Calibration sample() {
        return of(SHAPE);
    }

    /** One of a model's shape in bf16. */
    public static Calibration of(final ModelConfig config) {
        return of(Shape.of(config));
    }

    private static Calibration of(final Shape shape) {
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        for (final Quantity quantity : Quantity.values()) {
            fits.put(quantity, new Fit.Plane(20_000, 1_000, 10, 64, 4_096, 0.05));
        }
        fits.put(Quantity.FFN, new Fit.Table(List.of(1.0, 4.0, 16.0), List.of(1e5, 1.5e5, 4e5), 0.1));
        return new Calibration(
                Calibration.FORMAT,
                new Origin(false, "abc1234", "a CPU", 2, "25", "2026-01-02", "00ff", shape, "BF16"),
                fits,
                Arrays.stream(Spread.values())
                        .collect(Collectors.toMap(
                                Function.identity(),
                                spread -> new Quantiles(List.of(0.1, 0.5, 0.9), List.of(1e6, 2e6, 5.5e6)))),
                1_024,
                List.of("it rained"),
                new Evidence(
                        Map.of(Quantity.FFN, List.of(new Point(1, 0, 1.1e5, 0.1), new Point(4, 0, 1.4e5, -0.067))),
                        List.of(1e8, 1.02e8),
                        Map.of(Quantity.STEP, 1.1)));
    }
}
