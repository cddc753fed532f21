package io.cheshire.model.protocol.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.testing.SampleCalibration;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationFileTest {
    private static final String WHOLE =
            new String(CalibrationFile.write(SampleCalibration.sample()), StandardCharsets.UTF_8);

    private static Calibration read(final String json) {
        return CalibrationFile.read(json.getBytes(StandardCharsets.UTF_8), "calibration.json");
    }

    private static String replaced(final String from, final String to) {
        assertThat(WHOLE).contains(from);
        return WHOLE.replace(from, to);
    }

    @Test
    void shouldReadWhatItWrote() {
        assertThat(read(WHOLE)).isEqualTo(SampleCalibration.sample());
        assertThat(new String(CalibrationFile.write(read(WHOLE)), StandardCharsets.UTF_8))
                .isEqualTo(WHOLE);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "\"formatVersion\" : 1 | \"formatVersion\" : 2 | formatVersion is 2; this program reads 1",
                "\"commit\" | \"comit\" | origin.commit is missing; it must be a string",
                "\"commit\" | \"comit\" | origin.comit is unknown; remove it",
                "\"hiddenSize\" : 4096 | \"hiddenSize\" : 0 | origin.shape.hiddenSize is 0; it must be a whole number",
                "\"threads\" : 2 | \"threads\" : 2.5 | origin.threads is 2.5; it must be a whole number from 1 to "
                        + "65536",
                "\"sampler\" | \"sampling\" | fits.sampler is missing; it must be an object",
                "\"sampler\" | \"sampling\" | fits.sampling is unknown",
                "\"detect-death\" | \"death\" | spreads.detect-death is missing",
                "100000.0, 150000.0 | NaN, 150000.0 | fits.ffn.ns[0] is \"NaN\"; it must be a finite number",
                "100000.0, 150000.0 | -1, 150000.0 | fits.ffn.ns[0] is -1; it must be a finite number that isn't",
                "100000.0, 150000.0 | 1e999, 150000.0 | fits.ffn.ns[0] is",
                "100000.0, 150000.0 | 150000.0 | fits.ffn.ns has 2 entries; it must have one for each of the 3 in",
                "1.0, 4.0, 16.0 | 1.0, 4.0, 4.0 | fits.ffn.at[2] is 4.0; it must be more than the one before it",
                "0.1, 0.5, 0.9 | 0.1, 0.5, 1.9 | probabilities from 0 to 1",
                "\"residual\" : 0.1 | \"residual\" : \"x\" | evidence.points.ffn[0].residual is \"x\"",
                "\"kvBlocks\" : 1024 | \"kvBlocks\" : 0 | kvBlocks is 0; only an assumed calibration may have none",
                "\"it rained\" | 7 | warnings[0] is 7; it must be a string",
            })
    void shouldNameFieldValueAndRemedyOfWhatIsWrong(final String from, final String to, final String message) {
        assertThatThrownBy(() -> read(replaced(from, to)))
                .isInstanceOf(CalibrationException.class)
                .hasMessageContaining("calibration.json")
                .hasMessageContaining(message)
                .hasMessageContaining("./cheshire calibrate");
    }

    @Test
    void shouldReadACalibrationFromBeforeRestartsWereMeasured() {
        final String whole = replaced("\"restart\"", "\"restart\"");
        final int from = whole.indexOf("\"restart\"");
        final int to = whole.indexOf("\"pause\"");

        final Calibration read = read(whole.substring(0, from) + whole.substring(to));

        assertThat(read.spreads()).doesNotContainKey(Calibration.Spread.RESTART).containsKey(Calibration.Spread.PAUSE);
    }

    @Test
    void shouldNameAllThatIsWrongAtOnce() {
        assertThatThrownBy(
                        () -> read(replaced("\"jdk\" : \"25\"", "\"jdk\" : 25").replace("\"head\"", "\"tail\"")))
                .hasMessageContaining("origin.jdk is 25")
                .hasMessageContaining("fits.head is missing")
                .hasMessageContaining("fits.tail is unknown");
    }

    @Test
    void shouldRefuseWhatIsNoJsonOrIsTooLarge() {
        assertThatThrownBy(() -> read("[]")).isInstanceOf(CalibrationException.class);
        assertThatThrownBy(() -> read(WHOLE + "{}")).isInstanceOf(CalibrationException.class);
        assertThatThrownBy(() -> CalibrationFile.read(new byte[CalibrationFile.MAX_BYTES + 1], "big.json"))
                .hasMessageContaining("big.json was refused")
                .hasMessageContaining("at most 4194304 are read");
    }
}
