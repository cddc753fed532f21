/** Guessing tokens ahead: what to guess, how often guesses were right, and when they pay. Pure. */
@NullMarked
package io.cheshire.router.core.speculate;

import org.jspecify.annotations.NullMarked;
