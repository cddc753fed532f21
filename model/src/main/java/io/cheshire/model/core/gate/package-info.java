/** Gates: which experts see a row, with which weights. */
@NullMarked
package io.cheshire.model.core.gate;

import org.jspecify.annotations.NullMarked;
