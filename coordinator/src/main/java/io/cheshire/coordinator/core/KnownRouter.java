package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import org.jspecify.annotations.Nullable;

/**
 * A router that is a member.
 *
 * @param hello  how it introduced itself last
 * @param place  where messages to it go
 * @param report its last one, null before the first
 */
public record KnownRouter<M>(
        RouterHello hello, M place, @Nullable RouterReport report) {}
