package io.cheshire.model.runtime.paced;

import io.cheshire.model.core.calibration.CalibrationMatch;
import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.core.paced.PacedTimes;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.CalibrationFile;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * A real cluster without arithmetic: each call lasts as long as a calibration says, and answers what the rows alone
 * decide. For measuring what lies around the kernels; its answers mean nothing, which {@link #numerics} tells every
 * peer and client.
 */
public final class PacedKernels implements Kernels {
    private final Path file;
    private final Calibration calibration;
    private final PacedTimes times;
    private final Lateness lateness;
    private final Pacer pacer;

    private PacedKernels(final Path file, final Calibration calibration) {
        this.file = file;
        this.calibration = calibration;
        this.times = new PacedTimes(calibration);
        this.lateness = new Lateness(times);
        this.pacer = new Pacer(lateness);
    }

    /** Kernels by this {@code calibration.json}. */
    public static PacedKernels by(final Path file) {
        return new PacedKernels(file, CalibrationStore.read(file));
    }

    /** Whose times they are. */
    public Calibration calibration() {
        return calibration;
    }

    /** How well they kept to their times. */
    public Lateness lateness() {
        return lateness;
    }

    @Override
    public String description() {
        return "PACED by " + file + " (" + calibration.origin().machine() + "): nothing is computed";
    }

    /** No other kernels have it, so paced processes and real ones refuse each other. */
    @Override
    public String numerics(final Precision precision) {
        final CRC32 crc = new CRC32();
        crc.update(CalibrationFile.write(calibration));
        return "paced, " + Long.toHexString(crc.getValue());
    }

    /** @throws io.cheshire.model.protocol.calibration.CalibrationException for another shape or precision */
    public void requireFit(final ModelConfig config, final Precision precision) {
        CalibrationMatch.require(calibration, file.toString(), Shape.of(config), precision);
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        requireFit(config, precision);
        return new PacedExpert(config, precision);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        requireFit(config, precision);
        return new PacedRouterKernel(
                config, kv, kv.blockCount() * kvBlockBytes(config, precision, kv.tokensPerBlock()), times, pacer);
    }

    /** As large as keys and values; nothing is allocated. */
    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return Math.multiplyExact(
                2L
                        * config.layerCount()
                        * config.kvWidth()
                        * precision.rowDtype().bytes(),
                tokensPerBlock);
    }

    @Override
    public void close() {
        // holds nothing
    }

    private final class PacedExpert implements ExpertKernel {
        private final Dtype input;
        private final long weightBytes;
        private final long resultRowBytes;

        private PacedExpert(final ModelConfig config, final Precision precision) {
            input = precision.rowDtype();
            weightBytes =
                    ParameterCounts.of(config).unit() * precision.rowDtype().bytes();
            resultRowBytes = (long) config.hiddenSize() * Float.BYTES;
        }

        @Override
        public Dtype inputDtype() {
            return input;
        }

        @Override
        public long weightBytes() {
            return weightBytes;
        }

        @Override
        public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            final long beganNs = System.nanoTime();
            results.asSlice(0, rowCount * resultRowBytes).fill((byte) 0);
            pacer.pace(beganNs, times.expertNs(rowCount));
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
