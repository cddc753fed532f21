/** The model whose sizes micro-benchmarks have. */
@NullMarked
package io.cheshire.benchmarks.sizes;

import org.jspecify.annotations.NullMarked;
