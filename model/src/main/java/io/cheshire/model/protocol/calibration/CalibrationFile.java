package io.cheshire.model.protocol.calibration;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StrictJson;
import io.cheshire.model.protocol.calibration.Calibration.Evidence;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * {@code calibration.json} (docs/calibration.md). What is written reads back as the same record, byte for byte the same
 * when written again. A file with an unknown field, a missing quantity or a time that is no time is refused whole.
 */
public final class CalibrationFile {
    /** Largest file that is read; one with all points is below 100 KiB. */
    public static final int MAX_BYTES = 4 << 20;

    /** Most entries of any list in it. */
    static final int MAX_ENTRIES = 10_000;

    private static final String AGAIN = "measure again: ./cheshire calibrate";

    private CalibrationFile() {}

    /**
     * Reads and checks.
     *
     * @param json   the file, UTF-8
     * @param source what to call it in errors
     * @throws CalibrationException with every problem
     */
    public static Calibration read(final byte[] json, final String source) {
        if (json.length > MAX_BYTES) {
            throw new CalibrationException(
                    source + " was refused",
                    List.of("it has " + json.length + " bytes; at most " + MAX_BYTES + " are read; " + AGAIN));
        }
        final List<String> problems = new ArrayList<>();
        final Calibration calibration;
        try {
            final CalibrationFields root = new CalibrationFields(StrictJson.readObject(json, source), "", problems);
            // Of another version, every field may be another: this alone is told.
            final int version = (int) root.count("formatVersion", 1, Integer.MAX_VALUE);
            if (problems.isEmpty() && version != Calibration.FORMAT) {
                problems.add(
                        "formatVersion is " + version + "; this program reads " + Calibration.FORMAT + "; " + AGAIN);
            }
            if (!problems.isEmpty()) {
                throw new CalibrationException(source + " was refused", problems);
            }
            calibration = new Calibration(
                    version,
                    origin(root.object("origin")),
                    fits(root.object("fits")),
                    spreads(root.object("spreads")),
                    root.count("kvBlocks", 0, Long.MAX_VALUE),
                    root.texts("warnings"),
                    evidence(root.object("evidence")));
            root.end();
        } catch (final ModelException notJson) {
            throw new CalibrationException(source + " was refused", List.of(notJson.getMessage() + "; " + AGAIN));
        }
        if (problems.isEmpty()
                && calibration.kvBlocks() == 0
                && !calibration.origin().assumed()) {
            problems.add("kvBlocks is 0; only an assumed calibration may have none; " + AGAIN);
        }
        if (!problems.isEmpty()) {
            throw new CalibrationException(source + " was refused; correct it, or " + AGAIN, problems);
        }
        return calibration;
    }

    private static Origin origin(final CalibrationFields origin) {
        final Origin read = new Origin(
                origin.flag("assumed"),
                origin.text("commit"),
                origin.text("machine"),
                (int) origin.count("threads", 1, 1 << 16),
                origin.text("jdk"),
                origin.text("date"),
                origin.text("modelFingerprint"),
                shape(origin.object("shape")),
                origin.text("precision"));
        origin.end();
        return read;
    }

    private static Shape shape(final CalibrationFields shape) {
        final Shape read = new Shape(
                size(shape, "vocabSize"),
                size(shape, "hiddenSize"),
                size(shape, "ffnSize"),
                size(shape, "layerCount"),
                size(shape, "headCount"),
                size(shape, "kvHeadCount"),
                size(shape, "headDim"),
                size(shape, "expertCount"),
                size(shape, "expertsPerToken"));
        shape.end();
        return read;
    }

    private static int size(final CalibrationFields shape, final String key) {
        return (int) shape.count(key, 1, Integer.MAX_VALUE);
    }

    private static Map<Quantity, Fit> fits(final CalibrationFields fits) {
        final Map<Quantity, Fit> read = new EnumMap<>(Quantity.class);
        for (final Quantity quantity : Quantity.values()) {
            read.put(quantity, fit(fits.object(CalibrationFields.name(quantity)), quantity));
        }
        fits.end();
        return read;
    }

    private static Fit fit(final CalibrationFields fit, final Quantity quantity) {
        final Fit read;
        if (fit.has("at") && quantity.arguments() == 1) {
            final List<Double> at = fit.rising("at", true);
            final List<Double> ns = fit.numbers("ns");
            fit.same("at", at, "ns", ns);
            final double error = fit.notNegative("relativeError");
            read = fit.sound() ? new Fit.Table(at, ns, error) : new Fit.Plane(0, 0, 0, 0, 0, 0);
        } else {
            read = new Fit.Plane(
                    fit.notNegative("constantNs"),
                    fit.notNegative("perFirstNs"),
                    fit.notNegative("perSecondNs"),
                    fit.notNegative("maxFirst"),
                    fit.notNegative("maxSecond"),
                    fit.notNegative("relativeError"));
        }
        fit.end();
        return read;
    }

    private static Map<Spread, Quantiles> spreads(final CalibrationFields spreads) {
        final Map<Spread, Quantiles> read = new EnumMap<>(Spread.class);
        for (final Spread spread : Spread.values()) {
            if (spread == Spread.RESTART && !spreads.has(CalibrationFields.name(spread))) {
                continue; // a calibration from before it was measured
            }
            final CalibrationFields one = spreads.object(CalibrationFields.name(spread));
            final List<Double> probabilities = one.rising("probabilities", true);
            final List<Double> ns = one.rising("ns", false);
            one.same("probabilities", probabilities, "ns", ns);
            one.atMostOne("probabilities", probabilities);
            one.end();
            if (one.sound()) {
                read.put(spread, new Quantiles(probabilities, ns));
            }
        }
        spreads.end();
        return read;
    }

    private static Evidence evidence(final CalibrationFields evidence) {
        final Map<Quantity, List<Point>> points = new EnumMap<>(Quantity.class);
        final CalibrationFields byQuantity = evidence.object("points");
        for (final Quantity quantity : Quantity.values()) {
            final List<Point> of = new ArrayList<>();
            for (final CalibrationFields point : byQuantity.objects(CalibrationFields.name(quantity))) {
                of.add(new Point(
                        point.notNegative("first"),
                        point.notNegative("second"),
                        point.notNegative("ns"),
                        point.number("residual")));
                point.end();
            }
            if (!of.isEmpty()) {
                points.put(quantity, of);
            }
        }
        byQuantity.end();
        final Map<Quantity, Double> corrections = new EnumMap<>(Quantity.class);
        final CalibrationFields factors = evidence.object("corrections");
        for (final Quantity quantity : Quantity.values()) {
            if (factors.has(CalibrationFields.name(quantity))) {
                corrections.put(quantity, factors.notNegative(CalibrationFields.name(quantity)));
            }
        }
        factors.end();
        final Evidence read = new Evidence(points, evidence.numbers("probeNs"), corrections);
        evidence.end();
        return read;
    }

    /** The file's bytes; the same record gives the same bytes. */
    public static byte[] write(final Calibration calibration) {
        return CalibrationWriter.write(calibration);
    }
}
