package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import org.jspecify.annotations.Nullable;

/**
 * A node that is a member.
 *
 * @param hello  how it introduced itself last
 * @param place  where messages to it go
 * @param report its last one, null before the first
 */
public record KnownNode<M>(
        NodeHello hello, M place, @Nullable NodeReport report) {}
