/** Pure parts of the engine's benchmark: ledgers of time, rates, memory bound, reports. */
@NullMarked
package io.cheshire.benchmarks.engine.core;

import org.jspecify.annotations.NullMarked;
