/** CPU kernels: matmuls by oneDNN, everything between them by the Vector API. */
@NullMarked
package io.cheshire.model.runtime.onednn;

import org.jspecify.annotations.NullMarked;
