package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.RouterHello;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the coordinator knows of one router. Immutable.
 *
 * @param hello       how it introduced itself
 * @param ackedEpoch  highest epoch of this coordinator that it acknowledged, 0 before the first
 * @param publishedNs when an epoch was sent to it last
 * @param heardNs     when it was heard of last
 * @param unanswered  units for which no node answers it under the published epoch → when it said so last
 */
record RouterMember(
        RouterHello hello, long ackedEpoch, long publishedNs, long heardNs, SortedMap<Integer, Long> unanswered) {
    RouterMember {
        unanswered = Collections.unmodifiableSortedMap(new TreeMap<>(unanswered));
    }

    static RouterMember joined(final RouterHello hello, final long ackedEpoch, final long nowNs) {
        return new RouterMember(hello, ackedEpoch, nowNs, nowNs, new TreeMap<>());
    }

    /** Whether all but the time at which it was heard of is as in the other. */
    boolean saysTheSameAs(final RouterMember other) {
        return ackedEpoch == other.ackedEpoch
                && publishedNs == other.publishedNs
                && unanswered.equals(other.unanswered)
                && hello.equals(other.hello);
    }

    RouterMember acknowledged(final long epoch, final long nowNs) {
        return new RouterMember(hello, Math.max(ackedEpoch, epoch), publishedNs, nowNs, unanswered);
    }

    RouterMember published(final long nowNs) {
        return new RouterMember(hello, ackedEpoch, nowNs, heardNs, unanswered);
    }

    RouterMember heard(final long nowNs) {
        return new RouterMember(hello, ackedEpoch, publishedNs, nowNs, unanswered);
    }

    /** What it says of an epoch counts for that epoch alone. */
    RouterMember withoutHints() {
        return unanswered.isEmpty() ? this : new RouterMember(hello, ackedEpoch, publishedNs, heardNs, new TreeMap<>());
    }

    /** It says which units nobody answers for: these and no others. */
    RouterMember unanswered(final List<Integer> units, final long nowNs) {
        final SortedMap<Integer, Long> all = new TreeMap<>();
        units.forEach(unit -> all.put(unit, nowNs));
        return new RouterMember(hello, ackedEpoch, publishedNs, nowNs, all);
    }
}
