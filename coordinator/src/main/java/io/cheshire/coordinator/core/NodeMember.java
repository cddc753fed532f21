package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What the coordinator knows of one expert node. Immutable; {@link #units} is shared by all states in which it didn't
 * change.
 *
 * @param hello   how it introduced itself
 * @param units   what it holds, loads and frees
 * @param use     what it may be used for
 * @param heardNs when it was heard of last
 */
record NodeMember(NodeHello hello, NodeUnits units, Use use, long heardNs) {
    /**
     * What a node may be used for.
     *
     * @param leaving         whether it asked to leave
     * @param leaveDeadlineNs when it may leave even if nobody took its units over; meaningful while leaving
     * @param leaveGranted    whether it was told that it may leave
     * @param cordoned        whether somebody wants it to hold nothing
     * @param admitted        whether it was given its share of the units
     */
    record Use(boolean leaving, long leaveDeadlineNs, boolean leaveGranted, boolean cordoned, boolean admitted) {}

    /** What it says it holds is yet to be looked at. */
    static NodeMember joined(final NodeHello hello, final long nowNs) {
        return new NodeMember(hello, NodeUnits.NONE, new Use(false, nowNs, false, false, false), nowNs);
    }

    int nodeId() {
        return hello.nodeId();
    }

    SortedSet<ExpertKey> resident() {
        return units.resident();
    }

    SortedMap<ExpertKey, Long> loading() {
        return units.loading();
    }

    SortedMap<ExpertKey, Long> unloading() {
        return units.unloading();
    }

    SortedMap<ExpertKey, NodeUnits.LoadFailure> failures() {
        return units.failures();
    }

    boolean leaving() {
        return use.leaving();
    }

    long leaveDeadlineNs() {
        return use.leaveDeadlineNs();
    }

    boolean leaveGranted() {
        return use.leaveGranted();
    }

    boolean cordoned() {
        return use.cordoned();
    }

    boolean admitted() {
        return use.admitted();
    }

    /** Whether all but the time at which it was heard of is as in the other. */
    boolean saysTheSameAs(final NodeMember other) {
        return units.equals(other.units) && use.equals(other.use) && hello.equals(other.hello);
    }

    /** Whether it holds the unit and wasn't told to give it up. */
    boolean serves(final ExpertKey key) {
        return resident().contains(key) && !unloading().containsKey(key);
    }

    /** Units for which it has memory. */
    long capacity() {
        return hello.unitBytes() <= 0 ? Long.MAX_VALUE : hello.memoryLimitBytes() / hello.unitBytes();
    }

    /** Units for which it has memory beside those it holds or loads. */
    long freeUnits() {
        return capacity() - units.held().size() - loading().size();
    }

    /** Whether it may be given units. */
    boolean placeable() {
        return !leaving() && !cordoned();
    }

    NodeMember heard(final long nowNs) {
        return new NodeMember(hello, units, use, nowNs);
    }

    NodeMember with(final NodeUnits now) {
        return now.equals(units) ? this : new NodeMember(hello, now, use, heardNs);
    }

    /** The same start of the node introduced itself again. */
    NodeMember withHello(final NodeHello again) {
        return new NodeMember(again, units, use, heardNs);
    }

    NodeMember leaving(final long deadlineNs) {
        return with(new Use(true, deadlineNs, leaveGranted(), cordoned(), admitted()));
    }

    NodeMember granted() {
        return with(new Use(leaving(), leaveDeadlineNs(), true, cordoned(), admitted()));
    }

    /** A node that comes back into use takes its share anew. */
    NodeMember cordoned(final boolean nowCordoned) {
        return with(new Use(leaving(), leaveDeadlineNs(), leaveGranted(), nowCordoned, false));
    }

    NodeMember admit() {
        return with(new Use(leaving(), leaveDeadlineNs(), leaveGranted(), cordoned(), true));
    }

    private NodeMember with(final Use now) {
        return new NodeMember(hello, units, now, heardNs);
    }
}
