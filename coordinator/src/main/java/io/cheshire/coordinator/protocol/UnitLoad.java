package io.cheshire.coordinator.protocol;

/**
 * What one unit did on one node since the node started.
 *
 * @param layer         the unit's layer
 * @param expert        the unit's expert
 * @param rowsServed    rows answered with a result
 * @param shardsServed  shards answered with a result
 * @param queueNs       sum over shards of the time waited
 * @param computeNs     sum over kernel calls
 */
public record UnitLoad(int layer, int expert, long rowsServed, long shardsServed, long queueNs, long computeNs) {
    public UnitLoad {
        if (layer < 0 || expert < 0 || rowsServed < 0 || shardsServed < 0 || queueNs < 0 || computeNs < 0) {
            throw new IllegalArgumentException(
                    "a negative figure of unit (" + layer + ", " + expert + "): rows " + rowsServed + ", shards "
                            + shardsServed + ", queue " + queueNs + " ns, compute " + computeNs + " ns");
        }
    }
}
