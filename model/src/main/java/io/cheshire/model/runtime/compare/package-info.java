/** How far the answers of one precision are from another's. */
@NullMarked
package io.cheshire.model.runtime.compare;

import org.jspecify.annotations.NullMarked;
