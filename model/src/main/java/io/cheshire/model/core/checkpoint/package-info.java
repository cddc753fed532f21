/** What a checkpoint must contain, and what it weighs; decided from names, shapes and bytes alone. */
@NullMarked
package io.cheshire.model.core.checkpoint;

import org.jspecify.annotations.NullMarked;
