/** A model whose every number follows from a hash, cheap enough to check each row, and its reference. */
@NullMarked
package io.cheshire.chaos.sim.model;

import org.jspecify.annotations.NullMarked;
