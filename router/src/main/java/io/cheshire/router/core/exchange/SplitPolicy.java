package io.cheshire.router.core.exchange;

import io.cheshire.settings.SettingReader;

/**
 * How the rows of a unit are split over its replicas.
 *
 * @param enabled   false: all rows of a unit go to one node
 * @param ridgeRows rows of one batch from which a node's arithmetic outweighs reading the unit's weights: a smaller
 *                  part gains nothing on a node of its own
 */
public record SplitPolicy(boolean enabled, int ridgeRows) {
    /** Rows of a unit stay together, on the node that comes first. */
    public static final SplitPolicy NONE = new SplitPolicy(false, 1);

    /** Reads {@code split} of the engine's section. */
    public static SplitPolicy from(final SettingReader split) {
        return new SplitPolicy(split.flag("enabled"), split.number("ridge-rows", 1, Integer.MAX_VALUE));
    }

    /** The cost of a shard to its node, in rows: reading the weights, or the rows where these are more. */
    int costRows(final int rowCount) {
        return Math.max(rowCount, ridgeRows);
    }
}
