/** A cluster of processes on this host. */
@NullMarked
package io.cheshire.ops.runtime.local;

import org.jspecify.annotations.NullMarked;
