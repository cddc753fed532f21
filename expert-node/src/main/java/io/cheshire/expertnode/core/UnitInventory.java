package io.cheshire.expertnode.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The units of one node: held, being loaded, waiting to be loaded, being freed. Each is one of the model's, so the
 * model bounds every set. Used by {@link NodeLife} alone.
 */
final class UnitInventory {
    private final SortedMap<ExpertKey, HeldUnit> resident = new TreeMap<>();
    /** What units must be that others have read before. */
    private final Map<ExpertKey, String> mustBe = new HashMap<>();

    private final Set<ExpertKey> toLoad = new LinkedHashSet<>();
    /** Units being loaded → what they must be, or empty. */
    private final SortedMap<ExpertKey, String> loading = new TreeMap<>();

    private final Set<ExpertKey> unloading = new TreeSet<>();

    List<HeldUnit> resident() {
        return List.copyOf(resident.values());
    }

    /** The unit if it is held and stays. */
    @Nullable
    HeldUnit held(final ExpertKey key) {
        return unloading.contains(key) ? null : resident.get(key);
    }

    boolean isBeingFreed(final ExpertKey key) {
        return unloading.contains(key);
    }

    /** A coordinator said what these units must be; what another one knew of them is forgotten. */
    void know(final List<ExpertKey> keys, final List<HeldUnit> known) {
        mustBe.keySet().removeAll(keys);
        known.forEach(unit -> mustBe.put(unit.key(), unit.sha256()));
    }

    /** The unit is to be loaded, once. */
    void want(final ExpertKey key) {
        if (!loading.containsKey(key)) {
            toLoad.add(key);
        }
    }

    /** Nothing more is to be loaded. */
    void wantNothing() {
        toLoad.clear();
    }

    /** The units to begin with now, so that no more than {@code concurrentLoads} are under way. */
    List<NodeEffect.Load> begin(final int concurrentLoads) {
        final List<NodeEffect.Load> begun = new ArrayList<>();
        while (loading.size() < concurrentLoads && !toLoad.isEmpty()) {
            final ExpertKey key = toLoad.iterator().next();
            toLoad.remove(key);
            final String known = Objects.requireNonNullElse(mustBe.remove(key), "");
            loading.put(key, known);
            begun.add(new NodeEffect.Load(key, known));
        }
        return begun;
    }

    /** A load has ended, well or not; what the unit had to be, or empty. */
    String loadEnded(final ExpertKey key) {
        return Objects.requireNonNullElse(loading.remove(key), "");
    }

    void add(final HeldUnit unit) {
        resident.put(unit.key(), unit);
    }

    /** Whether something is held, and nothing is being loaded or waits for it. */
    boolean isLoaded() {
        return loading.isEmpty() && toLoad.isEmpty() && !resident.isEmpty();
    }

    /** Units that are being loaded, and then those that wait for it. */
    List<ExpertKey> toCome() {
        final List<ExpertKey> coming = new ArrayList<>(loading.keySet());
        coming.addAll(toLoad);
        return coming;
    }

    List<ExpertKey> beingFreed() {
        return List.copyOf(unloading);
    }

    /** What becomes of a unit that is to be freed. */
    enum Freeing {
        /** It is held: free it now. */
        BEGIN,
        /** It is being freed already, or being loaded: what comes of that is said when it ends. */
        UNDER_WAY,
        /** There is nothing to free. */
        ABSENT
    }

    Freeing free(final ExpertKey key) {
        toLoad.remove(key);
        if (resident.containsKey(key)) {
            return unloading.add(key) ? Freeing.BEGIN : Freeing.UNDER_WAY;
        }
        return loading.containsKey(key) ? Freeing.UNDER_WAY : Freeing.ABSENT;
    }

    void freed(final ExpertKey key) {
        unloading.remove(key);
        resident.remove(key);
    }

    /** The unit could not be freed, so it stays. */
    void keep(final ExpertKey key) {
        unloading.remove(key);
    }

    /** Whether others have read the unit before that is being loaded. */
    boolean knowsWhatMustBe(final ExpertKey key) {
        return !loading.getOrDefault(key, "").isEmpty();
    }

    @Override
    public String toString() {
        return "holds " + resident.keySet() + ", loads " + loading.keySet() + " then " + toLoad + ", frees "
                + unloading;
    }
}
