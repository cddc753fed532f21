package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the coordinator knows of one expert node. Immutable.
 *
 * @param hello           how it introduced itself
 * @param resident        units it holds, including those it was told to unload
 * @param loading         units it was told to load → when that counts as failed
 * @param unloading       units it was told to unload → when it is told again
 * @param failures        units it failed to load
 * @param heardNs         when it was heard of last
 * @param leaving         whether it asked to leave
 * @param leaveDeadlineNs when it may leave even if nobody took its units over; meaningful while leaving
 * @param leaveGranted    whether it was told that it may leave
 * @param cordoned        whether somebody wants it to hold nothing
 * @param admitted        whether it was given its share of the units
 */
record NodeMember(
        NodeHello hello,
        SortedSet<ExpertKey> resident,
        SortedMap<ExpertKey, Long> loading,
        SortedMap<ExpertKey, Long> unloading,
        SortedMap<ExpertKey, LoadFailure> failures,
        long heardNs,
        boolean leaving,
        long leaveDeadlineNs,
        boolean leaveGranted,
        boolean cordoned,
        boolean admitted) {

    /**
     * A load that failed.
     *
     * @param count   failures in a row
     * @param retryNs when it may be tried again
     */
    record LoadFailure(int count, long retryNs) {}

    NodeMember {
        resident = Collections.unmodifiableSortedSet(new TreeSet<>(resident));
        loading = Collections.unmodifiableSortedMap(new TreeMap<>(loading));
        unloading = Collections.unmodifiableSortedMap(new TreeMap<>(unloading));
        failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
    }

    static NodeMember joined(final NodeHello hello, final long nowNs) {
        return new NodeMember(
                hello,
                new TreeSet<>(hello.resident()),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                nowNs,
                false,
                nowNs,
                false,
                false,
                false);
    }

    int nodeId() {
        return hello.nodeId();
    }

    /** Whether it holds the unit and wasn't told to give it up. */
    boolean serves(final ExpertKey key) {
        return resident.contains(key) && !unloading.containsKey(key);
    }

    /** Units for which it has memory. */
    long capacity() {
        return hello.unitBytes() <= 0 ? Long.MAX_VALUE : hello.memoryLimitBytes() / hello.unitBytes();
    }

    /** Units for which it has memory beside those it holds or loads. */
    long freeUnits() {
        return capacity() - resident.size() - loading.size();
    }

    /** Whether it may be given units. */
    boolean placeable() {
        return !leaving && !cordoned;
    }

    NodeMember heard(final long nowNs) {
        return new NodeMember(
                hello,
                resident,
                loading,
                unloading,
                failures,
                nowNs,
                leaving,
                leaveDeadlineNs,
                leaveGranted,
                cordoned,
                admitted);
    }

    NodeMember leaving(final long deadlineNs) {
        return new NodeMember(
                hello,
                resident,
                loading,
                unloading,
                failures,
                heardNs,
                true,
                deadlineNs,
                leaveGranted,
                cordoned,
                admitted);
    }

    NodeMember granted() {
        return new NodeMember(
                hello,
                resident,
                loading,
                unloading,
                failures,
                heardNs,
                leaving,
                leaveDeadlineNs,
                true,
                cordoned,
                admitted);
    }

    /** A node that comes back into use takes its share anew. */
    NodeMember cordoned(final boolean nowCordoned) {
        return new NodeMember(
                hello,
                resident,
                loading,
                unloading,
                failures,
                heardNs,
                leaving,
                leaveDeadlineNs,
                leaveGranted,
                nowCordoned,
                false);
    }

    NodeMember admit() {
        return new NodeMember(
                hello,
                resident,
                loading,
                unloading,
                failures,
                heardNs,
                leaving,
                leaveDeadlineNs,
                leaveGranted,
                cordoned,
                true);
    }

    NodeMember startLoading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return with(resident, plus(loading, keys, deadlineNs), unloading, failures);
    }

    NodeMember startUnloading(final Collection<ExpertKey> keys, final long deadlineNs) {
        return with(resident, loading, plus(unloading, keys, deadlineNs), failures);
    }

    /** The unit is resident; the loads still open get a new deadline, since the node makes progress. */
    NodeMember loaded(final ExpertKey key, final long deadlineNs) {
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(resident);
        nowResident.add(key);
        final SortedMap<ExpertKey, Long> stillLoading = minus(loading, key);
        return with(
                nowResident, plus(stillLoading, stillLoading.keySet(), deadlineNs), unloading, minus(failures, key));
    }

    NodeMember failed(final ExpertKey key, final LoadFailure failure) {
        final SortedMap<ExpertKey, LoadFailure> nowFailed = new TreeMap<>(failures);
        nowFailed.put(key, failure);
        return with(resident, minus(loading, key), unloading, nowFailed);
    }

    /** The same start of the node introduced itself again. */
    NodeMember withHello(final NodeHello again) {
        return new NodeMember(
                again,
                resident,
                loading,
                unloading,
                failures,
                heardNs,
                leaving,
                leaveDeadlineNs,
                leaveGranted,
                cordoned,
                admitted);
    }

    /** The node says that it holds exactly these units: what it said counts against what was believed. */
    NodeMember holding(final Set<ExpertKey> keys) {
        final SortedMap<ExpertKey, Long> stillLoading = new TreeMap<>(loading);
        stillLoading.keySet().removeAll(keys);
        final SortedMap<ExpertKey, Long> stillUnloading = new TreeMap<>(unloading);
        stillUnloading.keySet().retainAll(keys);
        final SortedMap<ExpertKey, LoadFailure> stillFailed = new TreeMap<>(failures);
        stillFailed.keySet().removeAll(keys);
        return with(new TreeSet<>(keys), stillLoading, stillUnloading, stillFailed);
    }

    NodeMember unloaded(final ExpertKey key) {
        final SortedSet<ExpertKey> nowResident = new TreeSet<>(resident);
        nowResident.remove(key);
        return with(nowResident, loading, minus(unloading, key), failures);
    }

    private NodeMember with(
            final SortedSet<ExpertKey> nowResident,
            final SortedMap<ExpertKey, Long> nowLoading,
            final SortedMap<ExpertKey, Long> nowUnloading,
            final SortedMap<ExpertKey, LoadFailure> nowFailed) {
        return new NodeMember(
                hello,
                nowResident,
                nowLoading,
                nowUnloading,
                nowFailed,
                heardNs,
                leaving,
                leaveDeadlineNs,
                leaveGranted,
                cordoned,
                admitted);
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
