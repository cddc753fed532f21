/** From logits to a token and its log-probabilities. */
@NullMarked
package io.cheshire.router.core.sample;

import org.jspecify.annotations.NullMarked;
