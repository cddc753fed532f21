/** The contents that a checkpoint must have, and its size; decided from names, shapes and bytes alone. */
@NullMarked
package io.cheshire.model.core.checkpoint;

import org.jspecify.annotations.NullMarked;
