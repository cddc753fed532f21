/**
 * Row operations between matmuls, written with the Vector API; every result is the same in the interpreter and
 * compiled.
 */
@NullMarked
package io.cheshire.model.runtime.onednn.simd;

import org.jspecify.annotations.NullMarked;
