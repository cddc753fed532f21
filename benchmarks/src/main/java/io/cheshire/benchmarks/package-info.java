/** Measuring: commands that {@code cheshire} gets from this module. */
@NullMarked
package io.cheshire.benchmarks;

import org.jspecify.annotations.NullMarked;
