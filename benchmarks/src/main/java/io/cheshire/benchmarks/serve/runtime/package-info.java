/** The effects of the load generator: connections, timers, threads and the progress bar. */
@NullMarked
package io.cheshire.benchmarks.serve.runtime;

import org.jspecify.annotations.NullMarked;
