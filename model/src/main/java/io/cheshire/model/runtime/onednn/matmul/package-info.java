/** Matmuls with packed weights whose rows do not depend on the batch. */
@NullMarked
package io.cheshire.model.runtime.onednn.matmul;

import org.jspecify.annotations.NullMarked;
