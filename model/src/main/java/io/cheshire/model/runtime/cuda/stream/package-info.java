/** Kernels in a device's queue, and how their end is seen. */
@NullMarked
package io.cheshire.model.runtime.cuda.stream;

import org.jspecify.annotations.NullMarked;
