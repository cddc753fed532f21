/** Bytes of the data plane: frames, their gate, their outcomes. */
@NullMarked
package io.cheshire.transport.protocol;

import org.jspecify.annotations.NullMarked;
