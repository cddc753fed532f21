package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;

/**
 * Where a node's weights come from; {@code checkpoint::unit} is one.
 */
@FunctionalInterface
public interface UnitSource {
    /**
     * The verified weights of a unit. May block on the disk; called by the loader, never by the node's or the device's thread.
     *
     * @throws RuntimeException with a message for people when the weights can't be had or are broken
     */
    UnitWeights unit(ExpertKey key);
}
