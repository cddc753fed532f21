/** Dispatch and combine of one layer, there and back, in one process and in two. */
@NullMarked
package io.cheshire.benchmarks.micro.roundtrip;

import org.jspecify.annotations.NullMarked;
