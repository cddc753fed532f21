/** Expert kernels on NVIDIA's GPUs, by the driver alone: no CUDA toolkit is needed to run them (docs/gpu.md). */
@NullMarked
package io.cheshire.model.runtime.cuda;

import org.jspecify.annotations.NullMarked;
