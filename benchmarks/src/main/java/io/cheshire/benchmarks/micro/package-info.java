/** Micro-benchmarks of the parts that tokens pass through. */
@NullMarked
package io.cheshire.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
