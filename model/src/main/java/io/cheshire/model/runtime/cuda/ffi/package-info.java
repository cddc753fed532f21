/** The driver's library, and what its errors mean. */
@NullMarked
package io.cheshire.model.runtime.cuda.ffi;

import org.jspecify.annotations.NullMarked;
