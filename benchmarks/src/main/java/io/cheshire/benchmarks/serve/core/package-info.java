/** What to send and when, what the answers mean and what the figures are: pure, without clock, thread or socket. */
@NullMarked
package io.cheshire.benchmarks.serve.core;

import org.jspecify.annotations.NullMarked;
