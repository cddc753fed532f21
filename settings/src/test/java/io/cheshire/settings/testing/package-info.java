/** For the tests of every module that has settings. */
@NullMarked
package io.cheshire.settings.testing;

import org.jspecify.annotations.NullMarked;
