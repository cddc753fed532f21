/** Effects of the engine's benchmark: it runs the engine, wraps its parts, reads clocks and memory. */
@NullMarked
package io.cheshire.benchmarks.engine.runtime;

import org.jspecify.annotations.NullMarked;
