package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;

/**
 * A unit that a node holds, and what it read when it loaded it: two nodes whose digests of a unit differ don't hold the
 * same unit, whatever else they have in common.
 *
 * @param key    the unit
 * @param sha256 digest of its tensors, all of their bytes, as 64 hexadecimal digits
 */
public record HeldUnit(ExpertKey key, String sha256) {
    public HeldUnit {
        Sha256.checked("the digest of unit " + key, sha256);
    }
}
