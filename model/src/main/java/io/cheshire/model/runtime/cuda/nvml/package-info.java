/** A GPU's health, as NVIDIA's management library tells it. */
@NullMarked
package io.cheshire.model.runtime.cuda.nvml;

import org.jspecify.annotations.NullMarked;
