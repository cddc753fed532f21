package io.cheshire.model.runtime.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/**
 * The driver's functions that we call, by the names that its library exports (cuda.h 13.0). {@code CUdeviceptr} and
 * {@code size_t} are longs; every other pointer and handle is an address.
 */
public enum CudaFunction {
    INIT("cuInit", JAVA_INT),
    DRIVER_GET_VERSION("cuDriverGetVersion", ADDRESS),
    DEVICE_GET_COUNT("cuDeviceGetCount", ADDRESS),
    DEVICE_GET("cuDeviceGet", ADDRESS, JAVA_INT),
    DEVICE_GET_NAME("cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT),
    DEVICE_GET_UUID("cuDeviceGetUuid_v2", ADDRESS, JAVA_INT),
    DEVICE_GET_ATTRIBUTE("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT),
    DEVICE_TOTAL_MEM("cuDeviceTotalMem_v2", ADDRESS, JAVA_INT),
    PRIMARY_CTX_RETAIN("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT),
    PRIMARY_CTX_RELEASE("cuDevicePrimaryCtxRelease_v2", JAVA_INT),
    CTX_SET_CURRENT("cuCtxSetCurrent", ADDRESS),
    MEM_GET_INFO("cuMemGetInfo_v2", ADDRESS, ADDRESS),
    MODULE_LOAD("cuModuleLoadDataEx", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS),
    MODULE_UNLOAD("cuModuleUnload", ADDRESS),
    MODULE_GET_FUNCTION("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS),
    /** Drivers since CUDA 12.4 have it. */
    FUNC_GET_PARAM_INFO("cuFuncGetParamInfo", ADDRESS, JAVA_LONG, ADDRESS, ADDRESS),
    MEM_ALLOC("cuMemAlloc_v2", ADDRESS, JAVA_LONG),
    MEM_FREE("cuMemFree_v2", JAVA_LONG),
    MEM_HOST_ALLOC("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT),
    MEM_FREE_HOST("cuMemFreeHost", ADDRESS),
    MEM_HOST_GET_DEVICE_POINTER("cuMemHostGetDevicePointer_v2", ADDRESS, ADDRESS, JAVA_INT),
    MEMCPY_H_TO_D_ASYNC("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS),
    STREAM_CREATE("cuStreamCreateWithPriority", ADDRESS, JAVA_INT, JAVA_INT),
    STREAM_QUERY("cuStreamQuery", ADDRESS),
    STREAM_DESTROY("cuStreamDestroy_v2", ADDRESS),
    STREAM_WRITE_VALUE("cuStreamWriteValue32_v2", ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT),
    LAUNCH_KERNEL(
            "cuLaunchKernel",
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            ADDRESS);

    private final String symbol;
    private final List<MemoryLayout> parameters;

    CudaFunction(final String symbol, final MemoryLayout... parameters) {
        this.symbol = symbol;
        this.parameters = List.of(parameters);
    }

    /** The exported name. */
    public String symbol() {
        return symbol;
    }

    public List<MemoryLayout> parameters() {
        return parameters;
    }

    FunctionDescriptor descriptor() {
        return FunctionDescriptor.of(JAVA_INT, parameters.toArray(MemoryLayout[]::new));
    }
}
