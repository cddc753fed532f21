/** Micro-benchmarks of the parts that tokens pass through. */
@NullMarked
package io.cheshire.benchmarks;

import org.jspecify.annotations.NullMarked;
