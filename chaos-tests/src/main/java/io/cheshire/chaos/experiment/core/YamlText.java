package io.cheshire.chaos.experiment.core;

import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Makes nodes of a YAML text, of a size that nobody chokes on. */
final class YamlText {
    private static final int MOST_CHARACTERS = 200_000;
    private static final int MOST_ALIASES = 20;

    private YamlText() {}

    /** @throws ExperimentRefused the text is no YAML, or there is none */
    static Node compose(final String file, final String text) {
        try {
            final Optional<Node> document = new Compose(settings(file)).composeString(text);
            return document.orElseThrow(() ->
                    new ExperimentRefused(file + ": the file is empty; docs/experiments.md says what stands in one"));
        } catch (final MarkedYamlEngineException wrong) {
            final String where = wrong.getProblemMark().map(YamlText::place).orElse("");
            throw new ExperimentRefused(file + where + ": this is no YAML: " + wrong.getProblem());
        } catch (final YamlEngineException wrong) {
            throw new ExperimentRefused(file + ": this is no YAML: " + wrong.getMessage());
        }
    }

    /** The document as maps, lists and words: of a text that was read before, and so is no trap. */
    static Object plain(final String file, final String text) {
        return Objects.requireNonNull(new Load(settings(file)).loadFromString(text));
    }

    private static LoadSettings settings(final String file) {
        return LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(MOST_CHARACTERS)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .build();
    }

    /** Line and column, from 1. */
    static String place(final Mark mark) {
        return ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }
}
