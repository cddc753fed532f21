/** The two kernel interfaces every device implements, and the plain-Java reference that says what they must compute. */
@NullMarked
package io.cheshire.model.core.kernel;

import org.jspecify.annotations.NullMarked;
