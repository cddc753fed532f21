/** Memory of a device and memory of the host that a device reaches. */
@NullMarked
package io.cheshire.model.runtime.cuda.memory;

import org.jspecify.annotations.NullMarked;
