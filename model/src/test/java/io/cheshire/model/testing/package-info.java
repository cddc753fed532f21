/** Helpers that the tests of every module use: models small enough to check by hand. */
@NullMarked
package io.cheshire.model.testing;

import org.jspecify.annotations.NullMarked;
