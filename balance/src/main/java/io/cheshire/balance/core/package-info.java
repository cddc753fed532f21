/** Which node holds which unit, and which replica computes which rows: pure arithmetic, deterministic. */
@NullMarked
package io.cheshire.balance.core;

import org.jspecify.annotations.NullMarked;
