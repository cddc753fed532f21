/** What kernels that only take time would take, choose and answer. */
@NullMarked
package io.cheshire.model.core.paced;

import org.jspecify.annotations.NullMarked;
