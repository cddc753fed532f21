/** Decisions of the data plane, pure: credits, handshake, liveness, reassembly, faults. */
@NullMarked
package io.cheshire.transport.core;

import org.jspecify.annotations.NullMarked;
