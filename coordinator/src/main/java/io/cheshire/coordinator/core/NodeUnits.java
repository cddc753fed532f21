package io.cheshire.coordinator.core;

import io.cheshire.model.protocol.ExpertKey;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the coordinator knows of the units on one node. Immutable.
 *
 * @param resident  units it holds, including those it was told to unload
 * @param loading   units it was told to load → when that counts as failed
 * @param unloading units it was told to unload → when it is told again
 * @param failures  units it failed to load
 */
record NodeUnits(
        SortedSet<ExpertKey> resident,
        SortedMap<ExpertKey, Long> loading,
        SortedMap<ExpertKey, Long> unloading,
        SortedMap<ExpertKey, LoadFailure> failures) {

    /**
     * A load that failed.
     *
     * @param count   failures in a row
     * @param retryNs when it may be tried again
     */
    record LoadFailure(int count, long retryNs) {}

    NodeUnits {
        resident = Collections.unmodifiableSortedSet(new TreeSet<>(resident));
        loading = Collections.unmodifiableSortedMap(new TreeMap<>(loading));
        unloading = Collections.unmodifiableSortedMap(new TreeMap<>(unloading));
        failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
    }

    static NodeUnits holdingOnly(final Collection<ExpertKey> keys) {
        return new NodeUnits(new TreeSet<>(keys), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }

    NodeUnits startLoading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return new NodeUnits(resident, plus(loading, keys, deadlineNs), unloading, failures);
    }

    NodeUnits startUnloading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return new NodeUnits(resident, loading, plus(unloading, keys, deadlineNs), failures);
    }

    /** The unit is resident; the loads still open get a new deadline, since the node makes progress. */
    NodeUnits loaded(final ExpertKey key, final long deadlineNs) {
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(resident);
        nowResident.add(key);
        final SortedMap<ExpertKey, Long> stillLoading = minus(loading, key);
        return new NodeUnits(
                nowResident, plus(stillLoading, stillLoading.keySet(), deadlineNs), unloading, minus(failures, key));
    }

    NodeUnits failed(final ExpertKey key, final LoadFailure failure) {
        final SortedMap<ExpertKey, LoadFailure> nowFailed = new TreeMap<>(failures);
        nowFailed.put(key, failure);
        return new NodeUnits(resident, minus(loading, key), unloading, nowFailed);
    }

    NodeUnits unloaded(final ExpertKey key) {
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(resident);
        nowResident.remove(key);
        return new NodeUnits(nowResident, loading, minus(unloading, key), failures);
    }

    /** The node says that it holds exactly these: what it says counts against what was believed. Itself when that is nothing new. */
    NodeUnits holding(final Collection<ExpertKey> keys) {
        if (isResidentInOrder(keys) && (loading.isEmpty() && failures.isEmpty())) {
            return this;
        }
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(keys);
        final SortedMap<ExpertKey, Long> stillLoading = new TreeMap<>(loading);
        stillLoading.keySet().removeAll(nowResident);
        final SortedMap<ExpertKey, Long> stillUnloading = new TreeMap<>(unloading);
        stillUnloading.keySet().retainAll(nowResident);
        final SortedMap<ExpertKey, LoadFailure> stillFailed = new TreeMap<>(failures);
        stillFailed.keySet().removeAll(nowResident);
        return new NodeUnits(nowResident, stillLoading, stillUnloading, stillFailed);
    }

    /** Nodes report in order, every second: then nothing is allocated to see that a report says what is known. */
    private boolean isResidentInOrder(final Collection<ExpertKey> keys) {
        if (keys.size() != resident.size()) {
            return false;
        }
        final Iterator<ExpertKey> known = resident.iterator();
        for (final ExpertKey key : keys) {
            if (!key.equals(known.next())) {
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
}
