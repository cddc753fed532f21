/** Pure model mathematics: no file, clock, thread or native code. */
@NullMarked
package io.cheshire.model.core;

import org.jspecify.annotations.NullMarked;
