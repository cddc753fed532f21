/** Messages of the control plane and the values they carry. */
@NullMarked
package io.cheshire.coordinator.protocol;

import org.jspecify.annotations.NullMarked;
