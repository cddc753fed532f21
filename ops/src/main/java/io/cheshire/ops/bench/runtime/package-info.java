/** The effects of the load generator: connections, timers, threads and the progress bar. */
@NullMarked
package io.cheshire.ops.bench.runtime;

import org.jspecify.annotations.NullMarked;
