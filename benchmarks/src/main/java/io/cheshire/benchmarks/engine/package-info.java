/**
 * {@code cheshire bench engine}: what the engine does in one process, where its time goes, and what transport costs.
 */
@NullMarked
package io.cheshire.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
