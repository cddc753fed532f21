package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cheshire.model.runtime.onednn.ffi.NativeKernel;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.testing.GoldenGroups;
import io.cheshire.model.testing.ModelPaths;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Native kernels that are missing or wrong cost speed and no bits. */
class NativePanelsTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(QuantisedMatmul.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(logged);
    }

    @Test
    void shouldComputeWithTheNextKernelWhereOneIsWrong() {
        final NativeKernel right = usable();
        final NativeKernels kernels = new NativeKernels(List.of(new LastBit(right, 8), right), "");
        final String description = goldenBits(QuantisedKernels.AUTO, kernels);
        assertThat(description).isEqualTo("native " + right.name());
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .allMatch(line -> line.startsWith("our native last-bit kernels give wrong results for int8"))
                .hasSize(2);
    }

    @Test
    void shouldComputeInJavaWhereAllAreWrong() {
        final NativeKernels kernels = new NativeKernels(List.of(new Nothing()), "");
        assertThat(goldenBits(QuantisedKernels.AUTO, kernels)).endsWith("no native kernels: wrong on this processor");
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.startsWith("our native nothing kernels give wrong results for int4"));
    }

    @Test
    void shouldSayWhyWhereThereAreNone() {
        final NativeKernels none = new NativeKernels(List.of(), "not built for a toaster");
        assertThat(goldenBits(QuantisedKernels.AUTO, none)).endsWith("; no native kernels: not built for a toaster");
        assertThat(logged.list).isEmpty();
        goldenBits(QuantisedKernels.NATIVE, none);
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .contains("there are no native kernels for int8: not built for a toaster; others compute");
    }

    /** The same source with the instruction that this processor may lack spelled out. */
    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "compiles for half a minute: give -Dcheshire.test.long=true")
    void shouldGiveTheGoldenBitsWithAvx512Emulated(@TempDir final Path folder) throws Exception {
        assumeTrue(Loader.getPlatform().equals("linux-x86_64"), "built for Linux on x86-64");
        final ProcessBuilder build = new ProcessBuilder(
                ModelPaths.root().resolve("scripts/build-native-kernels").toString(), folder.toString());
        build.environment().put("CFLAGS", "-DCHESHIRE_EMULATE -Wno-psabi");
        final Process compiler = build.inheritIO().start();
        assertThat(compiler.waitFor(5, TimeUnit.MINUTES) && compiler.exitValue() == 0)
                .as("gcc is needed here")
                .isTrue();
        final NativeKernels emulated = NativeKernels.of(folder.resolve("libcheshire_groups.so"));
        assertThat(goldenBits(QuantisedKernels.NATIVE, emulated)).isEqualTo("native avx512_vnni");
        assertThat(logged.list).isEmpty();
    }

    /** Checks all golden cases; gives what computed them. */
    private static String goldenBits(final QuantisedKernels kind, final NativeKernels kernels) {
        try (OpenMpTeam team = new OpenMpTeam(2);
                MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO);
                QuantisedMatmul matmul = new QuantisedMatmul(context, kind, new VectorGroupKernels(), () -> kernels)) {
            team.prepareCallingThread();
            for (final GoldenGroups.Case golden : GoldenGroups.CASES) {
                assertThat(QuantisedSelfTestTest.goldenDigest(matmul, golden.how()))
                        .as("%s", golden.how())
                        .isEqualTo(golden.y());
            }
            return matmul.description();
        }
    }

    private static NativeKernel usable() {
        final NativeKernels shipped = NativeKernels.shipped();
        assumeFalse(shipped.all().isEmpty(), shipped.absence());
        return shipped.all().getFirst();
    }

    /** Right but for the last bit of the last result, with weights of so many bits. */
    private record LastBit(NativeKernel right, int wrongBits) implements NativeKernel {
        @Override
        public String name() {
            return "last-bit";
        }

        @Override
        public void panel(final int bits, final long matmul, final long weights, final long scales, final long first) {
            right.panel(bits, matmul, weights, scales, first);
            if (bits == wrongBits) {
                final MemorySegment fields = MemorySegment.ofAddress(matmul).reinterpret(9 * 8);
                final long count = fields.getAtIndex(JAVA_LONG, 5) * fields.getAtIndex(JAVA_LONG, 6);
                final MemorySegment y =
                        MemorySegment.ofAddress(fields.getAtIndex(JAVA_LONG, 4)).reinterpret(count * Float.BYTES);
                y.setAtIndex(JAVA_FLOAT, count - 1, Math.nextUp(y.getAtIndex(JAVA_FLOAT, count - 1)));
            }
        }
    }

    /** Computes nothing. */
    private record Nothing() implements NativeKernel {
        @Override
        public String name() {
            return "nothing";
        }

        @Override
        public void panel(final int bits, final long matmul, final long weights, final long scales, final long first) {
            // Whatever lay there stays.
        }
    }
}
