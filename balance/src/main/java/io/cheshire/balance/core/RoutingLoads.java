package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Routing data: CSV with the header {@code <window>,layer,e0,e1,…}; a row says how much of a layer's work each expert
 * got in a window (rows, or shares). Windows come in the order of their first row; each lists the same layers from 0
 * on.
 *
 * @param experts experts in each layer
 * @param layers  layers in each window
 * @param windows load by window name, unit index {@code layer * experts + expert}
 */
public record RoutingLoads(int experts, int layers, Map<String, List<Double>> windows) {
    public RoutingLoads {
        final Map<String, List<Double>> copy = new LinkedHashMap<>();
        windows.forEach((name, loads) -> copy.put(name, List.copyOf(loads)));
        windows = java.util.Collections.unmodifiableMap(copy);
    }

    /**
     * Reads the lines of a file.
     *
     * @param name how errors call the file
     * @throws IllegalArgumentException naming the line that is wrong
     */
    public static RoutingLoads parse(final String name, final List<String> lines) {
        final int experts = lines.isEmpty() ? 0 : experts(lines.getFirst());
        if (experts < 1) {
            throw new IllegalArgumentException(name + ": the first line must be <window>,layer,e0,e1,…");
        }
        final Map<String, List<Double>> windows = new LinkedHashMap<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                addLine(name + ", line " + (i + 1), lines.get(i).strip(), experts, windows);
            }
        }
        if (windows.isEmpty()) {
            throw new IllegalArgumentException(name + " has a header and no rows");
        }
        final int layers = windows.values().iterator().next().size() / experts;
        windows.forEach((window, loads) -> {
            if (loads.size() != layers * experts) {
                throw new IllegalArgumentException(name + ": window " + window + " has " + loads.size() / experts
                        + " layers, the first window " + layers);
            }
        });
        return new RoutingLoads(experts, layers, windows);
    }

    private static int experts(final String header) {
        final String[] cells = header.strip().split(",", -1);
        boolean good = cells.length > 2 && cells[1].equals("layer");
        for (int i = 2; i < cells.length; i++) {
            good &= cells[i].equals("e" + (i - 2));
        }
        return good ? cells.length - 2 : 0;
    }

    private static void addLine(
            final String where, final String line, final int experts, final Map<String, List<Double>> windows) {
        final String[] cells = line.split(",", -1);
        if (cells.length != experts + 2) {
            throw new IllegalArgumentException(where + ": " + cells.length + " cells instead of " + (experts + 2));
        }
        final List<Double> loads = windows.computeIfAbsent(cells[0], key -> new ArrayList<>());
        try {
            if (Integer.parseInt(cells[1]) != loads.size() / experts) {
                throw new IllegalArgumentException(
                        where + ": layer " + cells[1] + " where layer " + loads.size() / experts + " is due");
            }
            for (int i = 2; i < cells.length; i++) {
                loads.add(Double.valueOf(cells[i]));
            }
        } catch (final NumberFormatException notANumber) {
            throw new IllegalArgumentException(where + ": " + notANumber.getMessage(), notANumber);
        }
        if (loads.subList(loads.size() - experts, loads.size()).stream()
                .anyMatch(load -> !(load >= 0 && load < 1e300))) {
            throw new IllegalArgumentException(where + ": a load is negative or no number");
        }
    }
}
