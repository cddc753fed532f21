/** What the tests of every module share. */
@NullMarked
package io.cheshire.testing;

import org.jspecify.annotations.NullMarked;
