/** What a host must be able to do: facts, found elsewhere, are judged here, each with the remedy. */
@NullMarked
package io.cheshire.ops.core.doctor;

import org.jspecify.annotations.NullMarked;
