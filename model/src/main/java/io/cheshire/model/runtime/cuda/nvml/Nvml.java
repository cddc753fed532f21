package io.cheshire.model.runtime.cuda.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** One GPU by NVIDIA's management library. For one thread at a time. */
public final class Nvml implements GpuHealth {
    private static final double MILLI = 1e-3;
    private static final double HERTZ_PER_MHZ = 1e6;
    private static final int ON_THE_DIE = 0;
    private static final int PROCESSORS = 1;
    private static final int MEMORY = 2;
    private static final int CORRECTED = 0;
    private static final int UNCORRECTED = 1;
    private static final int SINCE_THE_DRIVER_WAS_LOADED = 0;
    private static final long XIDS = 8;
    /** {@code nvmlMemory_t}: total, free, used. */
    private static final long MEMORY_BYTES = 3 * Long.BYTES;

    private static final long USED_OFFSET = 2 * Long.BYTES;
    /** {@code nvmlEventData_t}: device, type, data, and two numbers of instances. */
    private static final long EVENT_BYTES = 4 * Long.BYTES;

    private static final long EVENT_DATA_OFFSET = 2 * Long.BYTES;
    /** Of one reading, so that a GPU which writes without end doesn't hold it up. */
    private static final int MOST_EVENTS = 64;

    private final NvmlLibrary library;
    private final MemorySegment device;
    /** Null pointer: no events are told here. */
    private final MemorySegment events;

    private long xids;
    private long lastXid;

    private Nvml(final NvmlLibrary library, final MemorySegment device, final MemorySegment events) {
        this.library = library;
        this.device = device;
        this.events = events;
    }

    /**
     * Looks for a GPU.
     *
     * @param name of the library, by a name that the system's loader knows or by its path
     * @param uuid {@code GPU-...}
     * @throws NvmlException there is no such library, driver or GPU
     */
    public static GpuHealth open(final String name, final String uuid) {
        final NvmlLibrary library = new NvmlLibrary(name);
        library.call(NvmlFunction.INIT);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment handle = arena.allocate(ADDRESS);
            library.call(NvmlFunction.HANDLE_BY_UUID, arena.allocateFrom(uuid), handle);
            final MemorySegment device = handle.get(ADDRESS, 0);
            return new Nvml(library, device, events(library, device, arena));
        } catch (final RuntimeException failure) {
            library.callAnyway(NvmlFunction.SHUTDOWN);
            throw failure;
        }
    }

    private static MemorySegment events(final NvmlLibrary library, final MemorySegment device, final Arena arena) {
        final MemorySegment set = arena.allocate(ADDRESS);
        if (!library.tells(NvmlFunction.EVENT_SET_CREATE, set)) {
            return MemorySegment.NULL;
        }
        final MemorySegment events = set.get(ADDRESS, 0);
        if (library.tells(NvmlFunction.REGISTER_EVENTS, device, XIDS, events)) {
            return events;
        }
        library.callAnyway(NvmlFunction.EVENT_SET_FREE, events);
        return MemorySegment.NULL;
    }

    @Override
    public GpuReading read() {
        try (Arena arena = Arena.ofConfined()) {
            readEvents(arena);
            final MemorySegment memory = NvmlLibrary.out(arena, MEMORY_BYTES);
            final boolean hasMemory = library.tells(NvmlFunction.MEMORY, device, memory);
            return new GpuReading(
                    hasMemory ? (double) memory.get(JAVA_LONG, USED_OFFSET) : Double.NaN,
                    hasMemory ? (double) memory.get(JAVA_LONG, 0) : Double.NaN,
                    MILLI * number(arena, NvmlFunction.POWER),
                    MILLI * number(arena, NvmlFunction.POWER_LIMIT),
                    number(arena, NvmlFunction.TEMPERATURE, ON_THE_DIE),
                    HERTZ_PER_MHZ * number(arena, NvmlFunction.CLOCK, PROCESSORS),
                    HERTZ_PER_MHZ * number(arena, NvmlFunction.CLOCK, MEMORY),
                    errors(arena, CORRECTED),
                    errors(arena, UNCORRECTED),
                    xids,
                    lastXid,
                    throttled(arena));
        }
    }

    private void readEvents(final Arena arena) {
        if (events.equals(MemorySegment.NULL)) {
            return;
        }
        final MemorySegment event = NvmlLibrary.out(arena, EVENT_BYTES);
        for (int i = 0; i < MOST_EVENTS && library.tells(NvmlFunction.EVENT_SET_WAIT, events, event, 0); i++) {
            xids++;
            lastXid = event.get(JAVA_LONG, EVENT_DATA_OFFSET);
        }
    }

    /** Of a function that writes an int where its last argument points. */
    private double number(final Arena arena, final NvmlFunction function) {
        final MemorySegment out = arena.allocate(JAVA_INT);
        return library.tells(function, device, out) ? unsigned(out) : Double.NaN;
    }

    private double number(final Arena arena, final NvmlFunction function, final int kind) {
        final MemorySegment out = arena.allocate(JAVA_INT);
        return library.tells(function, device, kind, out) ? unsigned(out) : Double.NaN;
    }

    private static double unsigned(final MemorySegment out) {
        return (double) Integer.toUnsignedLong(out.get(JAVA_INT, 0));
    }

    private double errors(final Arena arena, final int type) {
        final MemorySegment out = arena.allocate(JAVA_LONG);
        return library.tells(NvmlFunction.ECC_ERRORS, device, type, SINCE_THE_DRIVER_WAS_LOADED, out)
                ? (double) out.get(JAVA_LONG, 0)
                : Double.NaN;
    }

    private Set<ThrottleReason> throttled(final Arena arena) {
        final MemorySegment out = arena.allocate(JAVA_LONG);
        return library.tells(NvmlFunction.THROTTLE_REASONS, device, out)
                ? ThrottleReason.of(out.get(JAVA_LONG, 0))
                : Set.of();
    }

    @Override
    public void close() {
        if (!events.equals(MemorySegment.NULL)) {
            library.callAnyway(NvmlFunction.EVENT_SET_FREE, events);
        }
        library.callAnyway(NvmlFunction.SHUTDOWN);
    }
}
