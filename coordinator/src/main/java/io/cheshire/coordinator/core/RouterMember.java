package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.RouterHello;

/**
 * What the coordinator knows of one router. Immutable.
 *
 * @param hello       how it introduced itself
 * @param ackedEpoch  highest epoch of this coordinator that it acknowledged, 0 before the first
 * @param publishedNs when an epoch was sent to it last
 * @param heardNs     when it was heard of last
 */
record RouterMember(RouterHello hello, long ackedEpoch, long publishedNs, long heardNs) {
    RouterMember acknowledged(final long epoch, final long nowNs) {
        return new RouterMember(hello, Math.max(ackedEpoch, epoch), publishedNs, nowNs);
    }

    RouterMember published(final long nowNs) {
        return new RouterMember(hello, ackedEpoch, nowNs, heardNs);
    }

    RouterMember heard(final long nowNs) {
        return new RouterMember(hello, ackedEpoch, publishedNs, nowNs);
    }
}
