/** Finds out what a host is; what that means is judged in {@code ops.core.doctor}. */
@NullMarked
package io.cheshire.ops.runtime.doctor;

import org.jspecify.annotations.NullMarked;
