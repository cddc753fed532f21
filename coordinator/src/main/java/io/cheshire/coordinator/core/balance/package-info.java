/** Which node holds which unit, and which replica computes which rows: pure arithmetic, deterministic. */
@NullMarked
package io.cheshire.coordinator.core.balance;

import org.jspecify.annotations.NullMarked;
