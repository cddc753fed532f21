/** Checkpoint directories: mapped safetensors files, their hashes, and the views that kernels load from. */
@NullMarked
package io.cheshire.model.runtime.checkpoint;

import org.jspecify.annotations.NullMarked;
