package io.cheshire.model.runtime.cuda.ffi;

/** What a {@code CUresult} means for the process that got it (docs/gpu.md). */
public enum CudaError {
    /** The context is dead, and everything in it; only a new process gets the device back. */
    DEVICE_LOST,
    /** Nothing was done, and nothing else is hurt. */
    OUT_OF_MEMORY,
    /** The PTX and this driver or device don't fit. */
    DOESNT_FIT,
    /** The device or the driver's daemons aren't ready yet. */
    NOT_READY_YET,
    /** A wrong call: a defect of ours. */
    REFUSED;

    /** Work is still under way: an answer rather than an error. */
    public static final int NOT_READY = 600;
    /** The driver doesn't do that here. */
    public static final int NOT_SUPPORTED = 801;
    /** No value of the driver's: the library or the function is missing, or a kernel never ended. */
    public static final int NONE = -1;

    /** Of a value other than 0. */
    public static CudaError of(final int code) {
        return switch (code) {
            // "The process must be terminated and relaunched", says cuda.h of these twelve.
            case 226, 700, 702, 714, 715, 716, 717, 718, 719, 721, 810, 911 -> DEVICE_LOST;
            // It doesn't say so of these, but nothing good follows: uncorrectable ECC, NVLink, unknown.
            case 214, 220, 999 -> DEVICE_LOST;
            case 2, 701 -> OUT_OF_MEMORY;
            case 200, 209, 218, 221, 222 -> DOESNT_FIT;
            case 46, 802 -> NOT_READY_YET;
            default -> REFUSED;
        };
    }

    /** What the value stands for, for people; the driver isn't asked, since after some errors it can't be. */
    public static String text(final int code) {
        return switch (code) {
            case 1 -> "invalid value";
            case 2 -> "out of memory";
            case 3 -> "not initialised";
            case 46 -> "the device is busy or unavailable";
            case 100 -> "no device";
            case 101 -> "invalid device";
            case 200 -> "invalid kernel image";
            case 209 -> "no kernel image for this device";
            case 214 -> "uncorrectable ECC error";
            case 218 -> "invalid PTX";
            case 220 -> "NVLink error";
            case 221 -> "the driver has no PTX compiler";
            case 222 -> "PTX of an unsupported version";
            case 226 -> "contained memory error";
            case 500 -> "not found";
            case NOT_READY -> "not ready";
            case 700 -> "illegal address";
            case 701 -> "too many resources for a launch";
            case 702 -> "launch timed out";
            case 714 -> "hardware stack error";
            case 715 -> "illegal instruction";
            case 716 -> "misaligned address";
            case 717 -> "invalid address space";
            case 718 -> "invalid program counter";
            case 719 -> "launch failed";
            case 721 -> "tensor memory leak";
            case NOT_SUPPORTED -> "not supported";
            case 802 -> "the driver's daemons aren't ready";
            case 810 -> "MPS client terminated";
            case 911 -> "external device failed";
            case 999 -> "unknown error";
            default -> "see cuda.h";
        };
    }
}
