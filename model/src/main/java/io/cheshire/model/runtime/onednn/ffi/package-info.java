/** The C functions that the kernels call, through the foreign-function API. */
@NullMarked
package io.cheshire.model.runtime.onednn.ffi;

import org.jspecify.annotations.NullMarked;
