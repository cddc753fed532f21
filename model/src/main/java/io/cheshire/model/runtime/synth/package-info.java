/** Random checkpoints of any size, written at the speed of the disk. */
@NullMarked
package io.cheshire.model.runtime.synth;

import org.jspecify.annotations.NullMarked;
