package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the coordinator knows of the units on one node. Immutable.
 *
 * @param held       units it holds, including those it was told to unload → digest of the bytes
 * @param resident   those of them that may be used: their bytes are those that the cluster serves
 * @param distrusted those of them that answered otherwise than other copies: not resident until they were loaded anew
 * @param loading    units it was told to load → when that counts as failed
 * @param unloading  units it was told to unload → when it is told again
 * @param failures   units it failed to load
 */
record NodeUnits(
        SortedMap<ExpertKey, String> held,
        SortedSet<ExpertKey> resident,
        SortedSet<ExpertKey> distrusted,
        SortedMap<ExpertKey, Long> loading,
        SortedMap<ExpertKey, Long> unloading,
        SortedMap<ExpertKey, LoadFailure> failures) {
    /** Of a node that holds nothing. */
    static final NodeUnits NONE = new NodeUnits(
            new TreeMap<>(), new TreeSet<>(), new TreeSet<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

    /**
     * A load that failed.
     *
     * @param count   failures in a row
     * @param retryNs when it may be tried again
     */
    record LoadFailure(int count, long retryNs) {}

    NodeUnits {
        held = Collections.unmodifiableSortedMap(new TreeMap<>(held));
        resident = Collections.unmodifiableSortedSet(new TreeSet<>(resident));
        distrusted = Collections.unmodifiableSortedSet(new TreeSet<>(distrusted));
        loading = Collections.unmodifiableSortedMap(new TreeMap<>(loading));
        unloading = Collections.unmodifiableSortedMap(new TreeMap<>(unloading));
        failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
    }

    NodeUnits startLoading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return new NodeUnits(held, resident, distrusted, plus(loading, keys, deadlineNs), unloading, failures);
    }

    NodeUnits startUnloading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return new NodeUnits(held, resident, distrusted, loading, plus(unloading, keys, deadlineNs), failures);
    }

    /** The loads still open get a new deadline, since the node makes progress. */
    NodeUnits progressed(final long deadlineNs) {
        return new NodeUnits(
                held, resident, distrusted, plus(loading, loading.keySet(), deadlineNs), unloading, failures);
    }

    NodeUnits failed(final ExpertKey key, final LoadFailure failure) {
        final SortedMap<ExpertKey, LoadFailure> nowFailed = new TreeMap<>(failures);
        nowFailed.put(key, failure);
        return new NodeUnits(held, resident, distrusted, minus(loading, key), unloading, nowFailed);
    }

    NodeUnits unloaded(final ExpertKey key) {
        return new NodeUnits(
                minus(held, key),
                minus(resident, key),
                minus(distrusted, key),
                loading,
                minus(unloading, key),
                failures);
    }

    /** The copy may not be used any more, although its bytes were right when it was loaded. */
    NodeUnits distrust(final ExpertKey key) {
        final SortedSet<ExpertKey> nowDistrusted = new TreeSet<>(distrusted);
        nowDistrusted.add(key);
        return new NodeUnits(held, minus(resident, key), nowDistrusted, loading, unloading, failures);
    }

    /**
     * The node says that it holds exactly these: what it says counts against what was believed. Which may be used is
     * another's to say.
     */
    NodeUnits holding(final SortedMap<ExpertKey, String> now) {
        final SortedSet<ExpertKey> stillResident = new TreeSet<>(resident);
        stillResident.retainAll(now.keySet());
        final SortedSet<ExpertKey> stillDistrusted = new TreeSet<>(distrusted);
        stillDistrusted.retainAll(now.keySet());
        final SortedMap<ExpertKey, Long> stillUnloading = new TreeMap<>(unloading);
        stillUnloading.keySet().retainAll(now.keySet());
        return new NodeUnits(now, stillResident, stillDistrusted, loading, stillUnloading, failures);
    }

    /** These of what it holds may be used, and those not. What it holds, it loads no more. */
    NodeUnits judged(final Collection<ExpertKey> usable, final Collection<ExpertKey> unusable) {
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(resident);
        nowResident.addAll(usable);
        nowResident.removeAll(unusable);
        final SortedMap<ExpertKey, Long> stillLoading = new TreeMap<>(loading);
        stillLoading.keySet().removeAll(usable);
        stillLoading.keySet().removeAll(unusable);
        final SortedMap<ExpertKey, LoadFailure> stillFailed = new TreeMap<>(failures);
        stillFailed.keySet().removeAll(usable);
        return new NodeUnits(held, nowResident, distrusted, stillLoading, unloading, stillFailed);
    }

    /** Copies that it holds and that may not be used. */
    int unusable() {
        return held.size() - resident.size();
    }

    /** Nodes report in order, every second: then nothing is allocated to see that a report says what is known. */
    boolean says(final List<HeldUnit> units) {
        if (units.size() != held.size() || !loading.isEmpty() || !failures.isEmpty()) {
            return false;
        }
        final Iterator<Map.Entry<ExpertKey, String>> known = held.entrySet().iterator();
        for (final HeldUnit unit : units) {
            final Map.Entry<ExpertKey, String> one = known.next();
            if (!unit.key().equals(one.getKey()) || !unit.sha256().equals(one.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static SortedMap<ExpertKey, Long> plus(
            final SortedMap<ExpertKey, Long> map, final Collection<ExpertKey> keys, final long deadlineNs) {
        final SortedMap<ExpertKey, Long> result = new TreeMap<>(map);
        keys.forEach(key -> result.put(key, deadlineNs));
        return result;
    }

    private static <V> SortedMap<ExpertKey, V> minus(final SortedMap<ExpertKey, V> map, final ExpertKey key) {
        final SortedMap<ExpertKey, V> result = new TreeMap<>(map);
        result.remove(key);
        return result;
    }

    private static SortedSet<ExpertKey> minus(final SortedSet<ExpertKey> set, final ExpertKey key) {
        final SortedSet<ExpertKey> result = new TreeSet<>(set);
        result.remove(key);
        return result;
    }
}
