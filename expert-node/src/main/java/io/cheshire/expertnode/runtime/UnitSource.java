package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;

/**
 * Where a node's weights come from; memory that doesn't change needs {@link #unit} alone.
 */
@FunctionalInterface
public interface UnitSource {
    /**
     * The verified weights of a unit. May block on the disk; called by the loader, never by the node's or the device's
     * thread.
     *
     * @throws RuntimeException with a message for people when the weights can't be had or are broken
     */
    UnitWeights unit(ExpertKey key);

    /**
     * The same, and the digest of what they say, computed anew at every call: what a node loads is what it reports.
     * Called by the loader.
     *
     * @throws RuntimeException as {@link #unit}
     */
    default DigestedUnit digested(final ExpertKey key) {
        return DigestedUnit.of(unit(key));
    }

    /**
     * A kernel has copied the weights, or failed to: says whether what it read still was what {@link #unit} verified.
     * Called by the device's thread.
     *
     * @throws RuntimeException with a message for people when the weights changed meanwhile; the copy is thrown away
     */
    default void requireUnchanged(final ExpertKey key) {}
}
