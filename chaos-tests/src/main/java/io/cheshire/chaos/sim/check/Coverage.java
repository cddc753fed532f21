package io.cheshire.chaos.sim.check;

import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Which pairs of state and event were met, and how often. */
public final class Coverage {
    private final SortedMap<String, Long> placement = new TreeMap<>();
    private final SortedMap<String, Long> shards = new TreeMap<>();
    private final Map<CoordinatorPath, Long> paths = new EnumMap<>(CoordinatorPath.class);

    /** The coordinator in this phase met this event. */
    public void placement(final Phase phase, final PlacementEvent event) {
        placement.merge(phase + " x " + event.getClass().getSimpleName(), 1L, Long::sum);
    }

    /** A shard in this state met this event. */
    public void shard(final ShardState state, final ShardEvent event) {
        shards.merge(state + " x " + event, 1L, Long::sum);
    }

    /** A coordinator did these. */
    public void coordinator(final Set<CoordinatorPath> met) {
        met.forEach(path -> paths.merge(path, 1L, Long::sum));
    }

    /** Adds another run's. */
    public void add(final Coverage other) {
        other.placement.forEach((pair, count) -> placement.merge(pair, count, Long::sum));
        other.paths.forEach((path, count) -> paths.merge(path, count, Long::sum));
        other.shards.forEach((pair, count) -> shards.merge(pair, count, Long::sum));
    }

    /** Pairs of the coordinator's phase and event → times met; those never met are there with 0. */
    public SortedMap<String, Long> placementPairs() {
        final SortedMap<String, Long> all = new TreeMap<>(placement);
        for (final Phase phase : Phase.values()) {
            kinds(PlacementEvent.class).forEach(event -> all.putIfAbsent(phase + " x " + event.getSimpleName(), 0L));
        }
        return all;
    }

    /** What coordinators did beside their placement machines → how often; what they never did is there with 0. */
    public Map<CoordinatorPath, Long> coordinatorPaths() {
        final Map<CoordinatorPath, Long> all =
                new EnumMap<>(paths.isEmpty() ? Map.of(CoordinatorPath.DOWN_ASKED, 0L) : paths);
        for (final CoordinatorPath path : CoordinatorPath.values()) {
            all.putIfAbsent(path, 0L);
        }
        return all;
    }

    /** Times each event was met, in whatever state. */
    public static SortedMap<String, Long> byEvent(final SortedMap<String, Long> pairs) {
        final SortedMap<String, Long> sums = new TreeMap<>();
        pairs.forEach(
                (pair, count) -> sums.merge(Arrays.asList(pair.split(" x ", -1)).get(1), count, Long::sum));
        return sums;
    }

    private static Stream<Class<?>> kinds(final Class<?> type) {
        return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(Coverage::kinds) : Stream.of(type);
    }

    /** Pairs of a shard's state and event → times met; those never met are there with 0. */
    public SortedMap<String, Long> shardPairs() {
        final SortedMap<String, Long> all = new TreeMap<>(shards);
        for (final ShardState state : ShardState.values()) {
            for (final ShardEvent event : ShardEvent.values()) {
                all.putIfAbsent(state + " x " + event, 0L);
            }
        }
        return all;
    }

    /** A table: one line a state, one column an event. */
    public static List<String> table(final SortedMap<String, Long> pairs) {
        final List<String> states = distinct(pairs, 0);
        final List<String> events = distinct(pairs, 1);
        final List<String> lines = new ArrayList<>();
        lines.add("| event | " + String.join(" | ", states) + " |");
        lines.add("|---" + "|---:".repeat(states.size()) + "|");
        for (final String event : events) {
            final StringBuilder line = new StringBuilder("| ").append(event).append(" |");
            for (final String state : states) {
                line.append(' ').append(pairs.get(state + " x " + event)).append(" |");
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static List<String> distinct(final SortedMap<String, Long> pairs, final int part) {
        return pairs.keySet().stream()
                .map(pair -> Arrays.asList(pair.split(" x ", -1)).get(part))
                .distinct()
                .sorted()
                .toList();
    }

    /** How many of the pairs were met, for people. */
    public static String summary(final SortedMap<String, Long> pairs) {
        final long met = pairs.values().stream().filter(count -> count > 0).count();
        return met + " of " + pairs.size();
    }
}
