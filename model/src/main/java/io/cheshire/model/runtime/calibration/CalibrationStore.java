package io.cheshire.model.runtime.calibration;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.protocol.calibration.CalibrationFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Reads and writes {@code calibration.json}. */
public final class CalibrationStore {
    private CalibrationStore() {}

    /** @throws CalibrationException where it isn't there, or isn't right */
    public static Calibration read(final Path file) {
        final byte[] json;
        try (InputStream in = Files.newInputStream(file)) {
            // One byte more than is read, so that a larger file is refused as such.
            json = in.readNBytes(CalibrationFile.MAX_BYTES + 1);
        } catch (final IOException e) {
            throw new CalibrationException(
                    file + " can't be read",
                    List.of(e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "; make one with ./cheshire calibrate --out FILE"));
        }
        return CalibrationFile.read(json, file.toString());
    }

    /**
     * Writes beside it first: whoever reads meanwhile has the old one or the new.
     *
     * @throws CalibrationException another kind of file is there, which is left alone
     */
    public static void write(final Calibration calibration, final Path file) throws IOException {
        final Path absolute = file.toAbsolutePath();
        if (Files.exists(absolute)) {
            requireCalibration(absolute);
        }
        final Path beside = absolute.resolveSibling(absolute.getFileName() + ".new");
        Files.write(beside, CalibrationFile.write(calibration));
        Files.move(beside, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void requireCalibration(final Path file) {
        try {
            read(file);
        } catch (final CalibrationException other) {
            throw new CalibrationException(
                    file + " is there and isn't replaced; name another file, or move it away",
                    List.of(String.valueOf(other.getMessage())));
        }
    }
}
