package io.cheshire.model.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A management library of NVIDIA's ABI that says what a test tells it to; {@code libnvml_fake.cpp} has the words. */
public final class FakeNvml {
    private final Path library;

    private FakeNvml(final Path library) {
        this.library = library;
    }

    /** One of this test's own, on which all is well. */
    public static FakeNvml fresh() {
        return new FakeNvml(EmulatedCuda.copyOf(EmulatedCuda.build(
                EmulatedCuda.KERNELS,
                "libnvml_fake.cpp",
                "libnvidia-ml-fake.so",
                java.util.List.of("-shared", "-fPIC", "-fvisibility=hidden"))));
    }

    /** The library, for processes to open. */
    public Path library() {
        return library;
    }

    /** What it says from now on. */
    public FakeNvml tells(final String words) {
        try (Arena arena = Arena.ofConfined()) {
            Linker.nativeLinker()
                    .downcallHandle(
                            lookup().findOrThrow("nvml_fake_tells"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS))
                    .invoke(arena.allocateFrom(words));
            return this;
        } catch (final Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** How often it was called. */
    public long calls() {
        return number("nvml_fake_calls");
    }

    /** How often it was opened and not closed yet. */
    public long open() {
        return number("nvml_fake_open");
    }

    private long number(final String function) {
        try {
            return (long) Linker.nativeLinker()
                    .downcallHandle(lookup().findOrThrow(function), FunctionDescriptor.of(ValueLayout.JAVA_LONG))
                    .invoke();
        } catch (final Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    private SymbolLookup lookup() {
        return SymbolLookup.libraryLookup(library, Arena.global());
    }
}
