package io.cheshire.coordinator.protocol;

/**
 * What decides which of two clusters that ought to be one goes on.
 *
 * @param members processes in it, as one of them sees it
 * @param first   least address among them
 */
public record ClusterStanding(int members, String first) {
    /** The larger one goes on, of two alike that with the lesser address. So never both give way, and never neither. */
    public boolean yieldsTo(final ClusterStanding other) {
        return members != other.members ? members < other.members : first.compareTo(other.first) > 0;
    }
}
