package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a routing trace (docs/routing-traces.md) into windows of whole steps. A step whose layers aren't all there
 * (dropped by the recorder, or given up by the router) is left out and counted. Used once, by one thread.
 */
public final class RoutingTrace {
    private static final String FIRST_LINE = "# cheshire routing trace ";
    private static final String VERSION = "1";
    private static final Pattern MODEL = Pattern.compile("# model (\\S+) layers (\\d{1,4}) experts (\\d{1,4})");
    private static final Pattern END = Pattern.compile("# end: (\\d{1,18}) records, (\\d{1,18}) dropped");
    /** Steps that may be open at a time: lanes work on a few; older ones will never be whole. */
    private static final int MAX_OPEN_STEPS = 64;

    private final String name;
    private final int windowSteps;
    private final double ridgeRows;
    private final Map<Long, OpenStep> open = new LinkedHashMap<>();
    private final Map<String, List<Double>> windows = new LinkedHashMap<>();
    private int layers;
    private int experts;
    private double[] window = {};
    private long steps;
    private long incomplete;
    private long dropped = -1;

    /**
     * What a trace held.
     *
     * @param loads           windows in order
     * @param steps           whole steps
     * @param stepsLeftOut    whole steps after the last full window
     * @param incompleteSteps steps with a layer missing
     * @param droppedRecords  layers that the recorder dropped; -1 if the trace has no end, so that nobody knows
     */
    public record Content(
            RoutingLoads loads, long steps, long stepsLeftOut, long incompleteSteps, long droppedRecords) {}

    private static final class OpenStep {
        final double[] costs;
        int layersSeen;

        OpenStep(final int units) {
            this.costs = new double[units];
        }
    }

    /**
     * @param name        how errors call the trace
     * @param windowSteps steps of one window, at least 1
     * @param ridgeRows   rows whose arithmetic takes as long as reading the unit's weights
     *                    ({@link Roofline#ridgeRows}): a unit with fewer rows in a step counts as so many. 0: rows are
     *                    counted as they are
     */
    public RoutingTrace(final String name, final int windowSteps, final double ridgeRows) {
        if (windowSteps < 1 || !(ridgeRows >= 0)) {
            throw new IllegalArgumentException(
                    "windows of " + windowSteps + " steps, a ridge of " + ridgeRows + " rows");
        }
        this.name = name;
        this.windowSteps = windowSteps;
        this.ridgeRows = ridgeRows;
    }

    /** Whether a file that begins with this line is a trace. */
    public static boolean isTrace(final String firstLine) {
        return firstLine.startsWith(FIRST_LINE);
    }

    /**
     * Reads all lines.
     *
     * @throws IllegalArgumentException naming the line that is wrong, or that the trace is shorter than a window
     */
    public Content read(final Iterator<String> lines) {
        long number = 0;
        while (lines.hasNext()) {
            number++;
            try {
                line(number, lines.next());
            } catch (final NumberFormatException notANumber) {
                throw new IllegalArgumentException(
                        name + ", line " + number + ": " + notANumber.getMessage(), notANumber);
            }
        }
        if (windows.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " has " + steps + " whole steps, less than a window of " + windowSteps + " (--window)");
        }
        return new Content(
                new RoutingLoads(experts, layers, windows),
                steps,
                steps % windowSteps,
                incomplete + open.size(),
                dropped);
    }

    private void line(final long number, final String text) {
        if (number == 1) {
            require(text.equals(FIRST_LINE + VERSION), number, "only version " + VERSION + " is known");
        } else if (number == 2) {
            model(text);
        } else if (number == 3) {
            require(text.startsWith("step,layer,e0"), number, "the header must be step,layer,e0,…");
        } else if (text.startsWith("#")) {
            final Matcher end = END.matcher(text);
            require(end.matches(), number, "only the end may be a comment here");
            dropped = Long.parseLong(end.group(2));
        } else {
            require(dropped < 0, number, "a record after the end");
            record(number, text.split(",", -1));
        }
    }

    private void model(final String text) {
        final Matcher model = MODEL.matcher(text);
        require(model.matches(), 2, "must be # model <fingerprint> layers <n> experts <n>");
        layers = Integer.parseInt(model.group(2));
        experts = Integer.parseInt(model.group(3));
        require(layers > 0 && experts > 0, 2, "layers and experts must be positive");
        window = new double[layers * experts];
    }

    private void record(final long number, final String[] cells) {
        require(cells.length == experts + 2, number, cells.length + " cells instead of " + (experts + 2));
        final long step = Long.parseLong(cells[0]);
        final int layer = Integer.parseInt(cells[1]);
        final OpenStep at = open.computeIfAbsent(step, key -> new OpenStep(layers * experts));
        require(layer >= 0 && layer < layers, number, "layer " + layer + " of " + layers);
        if (layer != at.layersSeen) {
            return; // a layer is missing: the step stays open until it is counted as incomplete
        }
        at.layersSeen++;
        for (int expert = 0; expert < experts; expert++) {
            final int rows = Integer.parseInt(cells[expert + 2]);
            require(rows >= 0, number, "negative rows");
            at.costs[layer * experts + expert] = rows == 0 ? 0 : Math.max(rows, ridgeRows);
        }
        if (at.layersSeen == layers) {
            open.remove(step);
            add(at.costs);
        } else if (open.size() > MAX_OPEN_STEPS) {
            open.remove(open.keySet().iterator().next());
            incomplete++;
        }
    }

    private void add(final double[] costs) {
        for (int unit = 0; unit < window.length; unit++) {
            window[unit] += costs[unit];
        }
        steps++;
        if (steps % windowSteps == 0) {
            final List<Double> loads = new ArrayList<>(window.length);
            for (final double load : window) {
                loads.add(load);
            }
            windows.put("steps " + (steps - windowSteps + 1) + "-" + steps, loads);
            window = new double[window.length];
        }
    }

    private void require(final boolean condition, final long number, final String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(name + ", line " + number + ": " + otherwise);
        }
    }
}
