package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of each unit that this coordinator goes by: those of the first node that held it, for as long as the
 * coordinator lives. Not only as long as that node: when it is lost, another one's bytes must not take their place
 * unnoticed. Immutable.
 *
 * @param byUnit what each unit must be; a unit that nobody held yet isn't in it
 * @param refused copies that were found to differ so far
 */
record UnitDigests(SortedMap<ExpertKey, Reference> byUnit, long refused) {
    /** Before anybody held anything. */
    static final UnitDigests NONE = new UnitDigests(new TreeMap<>(), 0);

    /**
     * What a unit must be.
     *
     * @param sha256 digest of its bytes
     * @param nodeId whose copy it was
     */
    record Reference(String sha256, int nodeId) {}

    UnitDigests {
        byUnit = Collections.unmodifiableSortedMap(new TreeMap<>(byUnit));
    }

    @Nullable
    Reference of(final ExpertKey key) {
        return byUnit.get(key);
    }

    /** What those of these units must be that somebody has held. */
    List<HeldUnit> known(final Collection<ExpertKey> keys) {
        final List<HeldUnit> known = new ArrayList<>();
        for (final ExpertKey key : keys) {
            final Reference reference = byUnit.get(key);
            if (reference != null) {
                known.add(new HeldUnit(key, reference.sha256()));
            }
        }
        return known;
    }

    /** The same, and what further units must be. */
    UnitDigests with(final SortedMap<ExpertKey, Reference> further) {
        if (further.isEmpty()) {
            return this;
        }
        final SortedMap<ExpertKey, Reference> all = new TreeMap<>(further);
        all.putAll(byUnit);
        return new UnitDigests(all, refused);
    }

    UnitDigests refusing(final int further) {
        return further == 0 ? this : new UnitDigests(byUnit, refused + further);
    }
}
