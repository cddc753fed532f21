package io.cheshire.model.runtime.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/**
 * The driver's functions that we call, by the names that its library exports (cuda.h 13.0). {@code CUdeviceptr} and
 * {@code size_t} are longs, every other pointer and handle is an address: L, P, and I for an int.
 */
public enum CudaFunction {
    INIT("cuInit", "I"),
    DRIVER_GET_VERSION("cuDriverGetVersion", "P"),
    DEVICE_GET_COUNT("cuDeviceGetCount", "P"),
    DEVICE_GET("cuDeviceGet", "PI"),
    DEVICE_GET_NAME("cuDeviceGetName", "PII"),
    DEVICE_GET_UUID("cuDeviceGetUuid_v2", "PI"),
    DEVICE_GET_ATTRIBUTE("cuDeviceGetAttribute", "PII"),
    DEVICE_TOTAL_MEM("cuDeviceTotalMem_v2", "PI"),
    PRIMARY_CTX_RETAIN("cuDevicePrimaryCtxRetain", "PI"),
    PRIMARY_CTX_RELEASE("cuDevicePrimaryCtxRelease_v2", "I"),
    CTX_SET_CURRENT("cuCtxSetCurrent", "P"),
    MEM_GET_INFO("cuMemGetInfo_v2", "PP"),
    MODULE_LOAD("cuModuleLoadDataEx", "PPIPP"),
    MODULE_UNLOAD("cuModuleUnload", "P"),
    MODULE_GET_FUNCTION("cuModuleGetFunction", "PPP"),
    /** Drivers since CUDA 12.4 have it. */
    FUNC_GET_PARAM_INFO("cuFuncGetParamInfo", "PLPP"),
    MEM_ALLOC("cuMemAlloc_v2", "PL"),
    MEM_FREE("cuMemFree_v2", "L"),
    MEM_HOST_ALLOC("cuMemHostAlloc", "PLI"),
    MEM_FREE_HOST("cuMemFreeHost", "P"),
    MEM_HOST_GET_DEVICE_POINTER("cuMemHostGetDevicePointer_v2", "PPI"),
    MEMCPY_H_TO_D_ASYNC("cuMemcpyHtoDAsync_v2", "LPLP"),
    STREAM_CREATE("cuStreamCreateWithPriority", "PII"),
    STREAM_QUERY("cuStreamQuery", "P"),
    STREAM_DESTROY("cuStreamDestroy_v2", "P"),
    STREAM_WRITE_VALUE("cuStreamWriteValue32_v2", "PLII"),
    LAUNCH_KERNEL("cuLaunchKernel", "PIIIIIIIPPP");

    private final String symbol;
    private final String parameters;

    CudaFunction(final String symbol, final String parameters) {
        this.symbol = symbol;
        this.parameters = parameters;
    }

    /** The exported name. */
    public String symbol() {
        return symbol;
    }

    public List<MemoryLayout> parameters() {
        return parameters
                .chars()
                .mapToObj(letter -> switch (letter) {
                    case 'P' -> (MemoryLayout) ADDRESS;
                    case 'L' -> JAVA_LONG;
                    case 'I' -> JAVA_INT;
                    default -> throw new IllegalStateException(symbol + " has a parameter of kind " + letter);
                })
                .toList();
    }

    FunctionDescriptor descriptor() {
        return FunctionDescriptor.of(JAVA_INT, parameters().toArray(MemoryLayout[]::new));
    }
}
