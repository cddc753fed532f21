/** How far the answers of one precision are from another's. */
@NullMarked
package io.cheshire.model.core.compare;

import org.jspecify.annotations.NullMarked;
