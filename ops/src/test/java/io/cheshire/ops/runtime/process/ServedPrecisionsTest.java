package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ScanPolicy;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.transport.protocol.ModelIdentity;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What ends of a link compare, for one model in every precision. */
class ServedPrecisionsTest {
    private static final Path MINI =
            Path.of(System.getProperty("cheshire.root", "..")).resolve("models/cheshire-mini");

    @Test
    void shouldTellEveryPrecisionFromTheOthersAndKnowItsName() {
        final Map<Precision, ModelIdentity> identities = new EnumMap<>(Precision.class);
        try (OneDnnKernels kernels = new OneDnnKernels(1)) {
            for (final Precision precision : Precision.values()) {
                try (ServedModel model = ServedModel.open(settings(precision), Progress.NONE)) {
                    identities.put(precision, model.identity(kernels));
                }
            }
        }

        assertThat(identities.values()).extracting(ModelIdentity::fingerprint).doesNotHaveDuplicates();
        identities.forEach((ours, mine) -> identities.forEach(
                (theirs, other) -> assertThat(mine.precisions().get(other.fingerprint()))
                        .as("%s of %s", theirs, ours)
                        .isEqualTo(theirs.word())));
    }

    private static ModelSettings settings(final Precision precision) {
        return new ModelSettings(
                MINI, "", List.of(), "model", precision, ScanPolicy.REFUSE, ManifestPolicy.VERIFY, null);
    }
}
