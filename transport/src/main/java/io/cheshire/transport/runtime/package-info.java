/** Channels and agents that move frames. */
@NullMarked
package io.cheshire.transport.runtime;

import org.jspecify.annotations.NullMarked;
