package io.cheshire.model.runtime.cuda.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The library's functions that we call, by the names that it exports; those that have versions by the one that drivers
 * since R470 have. Parameters are pointers and handles (P), ints (I) and longs (L).
 */
enum NvmlFunction {
    INIT("nvmlInit_v2", ""),
    SHUTDOWN("nvmlShutdown", ""),
    HANDLE_BY_UUID("nvmlDeviceGetHandleByUUID", "PP"),
    MEMORY("nvmlDeviceGetMemoryInfo", "PP"),
    POWER("nvmlDeviceGetPowerUsage", "PP"),
    POWER_LIMIT("nvmlDeviceGetEnforcedPowerLimit", "PP"),
    TEMPERATURE("nvmlDeviceGetTemperature", "PIP"),
    CLOCK("nvmlDeviceGetClockInfo", "PIP"),
    ECC_ERRORS("nvmlDeviceGetTotalEccErrors", "PIIP"),
    /** Called {@code ...ClocksEventReasons} since R535, which has this name, too. */
    THROTTLE_REASONS("nvmlDeviceGetCurrentClocksThrottleReasons", "PP"),
    EVENT_SET_CREATE("nvmlEventSetCreate", "P"),
    REGISTER_EVENTS("nvmlDeviceRegisterEvents", "PLP"),
    EVENT_SET_WAIT("nvmlEventSetWait_v2", "PPI"),
    EVENT_SET_FREE("nvmlEventSetFree", "P");

    final String symbol;
    private final String parameters;

    NvmlFunction(final String symbol, final String parameters) {
        this.symbol = symbol;
        this.parameters = parameters;
    }

    FunctionDescriptor descriptor() {
        return FunctionDescriptor.of(
                JAVA_INT,
                parameters
                        .chars()
                        .mapToObj(letter -> switch (letter) {
                            case 'P' -> (MemoryLayout) ADDRESS;
                            case 'L' -> JAVA_LONG;
                            case 'I' -> JAVA_INT;
                            default -> throw new IllegalStateException(symbol + " has a parameter of kind " + letter);
                        })
                        .toArray(MemoryLayout[]::new));
    }
}
