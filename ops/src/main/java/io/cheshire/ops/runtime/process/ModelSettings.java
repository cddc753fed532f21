package io.cheshire.ops.runtime.process;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ScanPolicy;
import io.cheshire.model.runtime.checkpoint.HubCache;
import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@code cheshire.model}; units, defaults and reasons stand in this module's {@code reference.conf}.
 *
 * @param directory    of the checkpoint, absolute
 * @param givenName    what the API is to call it; empty: by its directory
 * @param aliases      further names that requests may use; each once, and not the first one again
 * @param chatTemplate {@code model}, {@code none} or a file
 * @param precision    how it is computed
 * @param weightScan   what NaN, infinite or all-zero weights mean
 * @param manifest     what the checkpoint's manifest is used for
 * @param fingerprint  what tells models apart; null: decided by the checkpoint
 */
public record ModelSettings(
        Path directory,
        String givenName,
        List<String> aliases,
        String chatTemplate,
        Precision precision,
        ScanPolicy weightScan,
        ManifestPolicy manifest,
        @Nullable FingerprintMode fingerprint) {
    private static final String SECTION = "cheshire.model";

    /** For commands that have a flag for it. */
    public static final String DIRECTORY = SECTION + ".directory";

    public static final String NAME = SECTION + ".name";
    public static final String ALIASES = SECTION + ".aliases";
    public static final String PRECISION = SECTION + ".precision";

    /** Every 404 lists the names. */
    private static final int MAX_NAME_CHARS = 256;

    public ModelSettings {
        final Set<String> others = new LinkedHashSet<>(aliases);
        others.remove(nameOf(givenName, directory));
        aliases = List.copyOf(others);
    }

    /** Reads {@code cheshire.model} of a whole configuration. */
    public static ModelSettings from(final SettingReader root) {
        final SettingReader model = root.section(SECTION);
        return new ModelSettings(
                Path.of(model.text("directory")).toAbsolutePath().normalize(),
                model.textOrEmpty("name"),
                aliases(model),
                model.text("chat-template"),
                model.choice("precision", Precision.class),
                model.choice("weight-scan", ScanPolicy.class),
                model.choice("manifest", ManifestPolicy.class),
                model.isAuto("fingerprint") ? null : model.choice("fingerprint", FingerprintMode.class));
    }

    private static List<String> aliases(final SettingReader model) {
        final List<String> aliases = model.texts("aliases");
        for (final String name : aliases) {
            model.require(
                    !name.isBlank() && name.length() <= MAX_NAME_CHARS,
                    "aliases",
                    "must have names of 1 to " + MAX_NAME_CHARS + " characters, not only blanks; one has "
                            + name.length());
        }
        return aliases;
    }

    /** What the API calls it. */
    public String name() {
        return nameOf(givenName, directory);
    }

    private static String nameOf(final String givenName, final Path directory) {
        return givenName.isEmpty() ? HubCache.modelName(directory) : givenName;
    }
}
