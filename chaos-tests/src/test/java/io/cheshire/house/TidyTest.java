package io.cheshire.house;

import static io.cheshire.house.Architecture.MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How code and pages look. What is left from before has a ceiling, which is only ever lowered: whoever repairs some
 * lowers it, and nothing comes in anew.
 */
class TidyTest {
    private static final int COLUMNS = 120;
    private static final int LINES_OF_A_FILE = 250;
    private static final int PARAMETERS = 7;
    private static final int COMPONENTS = 12;

    private static final int LONG_FILES = 57;
    private static final int MANY_PARAMETERS = 25;
    private static final int MANY_COMPONENTS = 14;
    private static final int DEAD_SECTIONS = 0;
    private static final int DEAD_PATHS = 0;
    private static final int DEAD_TESTS = 4;

    private static final Pattern SECTION = Pattern.compile("\\b(spec|design|model\\.md\\)?) §(\\d+(?:\\.\\d+)*)");
    private static final Pattern HEADING = Pattern.compile("^#+ (\\d+(?:\\.\\d+)*)\\.? .*");
    private static final Pattern PATH = Pattern.compile("\\bdocs/[A-Za-z0-9_/.-]*[A-Za-z0-9_]");
    private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|IT|Properties|Contract))`");

    /** Kinds of file, and how many of their lines are still too long. */
    enum Kind {
        JAVA(17) {
            @Override
            List<Path> files() {
                return Stream.concat(SourceTree.java("main").stream(), SourceTree.java("test").stream())
                        .toList();
            }
        },
        PAGES(9) {
            @Override
            List<Path> files() {
                return SourceTree.pages();
            }
        },
        CONFIGURATION(0) {
            @Override
            List<Path> files() {
                return SourceTree.configuration();
            }
        },
        SCRIPTS(6) {
            @Override
            List<Path> files() {
                return SourceTree.scripts();
            }
        };

        private final int ceiling;

        Kind(final int ceiling) {
            this.ceiling = ceiling;
        }

        abstract List<Path> files();
    }

    @ParameterizedTest
    @EnumSource
    void shouldFitLinesIntoTheColumnsOfAReader(final Kind kind) {
        final List<String> found = new ArrayList<>();
        for (final Path file : kind.files()) {
            final List<String> lines = SourceTree.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).codePointCount(0, lines.get(i).length()) > COLUMNS) {
                    found.add(SourceTree.place(file, i + 1));
                }
            }
        }
        assertAtMost(kind.ceiling, found, "lines of more than " + COLUMNS + " columns");
    }

    @Test
    void shouldHaveOneIdeaInAFile() {
        final List<String> found = SourceTree.java("main").stream()
                .filter(file -> SourceTree.lines(file).size() > LINES_OF_A_FILE)
                .map(SourceTree::className)
                .toList();
        assertAtMost(LONG_FILES, found, "files of more than " + LINES_OF_A_FILE + " lines");
    }

    /** A record's own constructor has a parameter for each component: those are counted as components. */
    @Test
    void shouldPassArgumentsThatBelongTogetherAsOne() {
        final List<String> found = MAIN.stream()
                .filter(type -> !type.isEnum())
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> unit.getRawParameterTypes().size() > PARAMETERS)
                .filter(unit -> !unit.getModifiers().contains(JavaModifier.SYNTHETIC))
                .filter(unit -> !isCanonical(unit))
                .map(JavaCodeUnit::getFullName)
                .sorted()
                .toList();
        assertAtMost(MANY_PARAMETERS, found, "methods of more than " + PARAMETERS + " parameters");
    }

    private static boolean isCanonical(final JavaCodeUnit unit) {
        return unit.isConstructor()
                && unit.getOwner().isRecord()
                && unit.getRawParameterTypes().size() == components(unit.getOwner());
    }

    @Test
    void shouldKeepRecordsToOneFact() {
        final List<String> found = MAIN.stream()
                .filter(JavaClass::isRecord)
                .filter(type -> components(type) > COMPONENTS)
                .map(type -> type.getName() + " has " + components(type))
                .sorted()
                .toList();
        assertAtMost(MANY_COMPONENTS, found, "records of more than " + COMPONENTS + " components");
    }

    private static int components(final JavaClass type) {
        return (int) type.getFields().stream()
                .map(JavaField::getModifiers)
                .filter(modifiers -> !modifiers.contains(JavaModifier.STATIC))
                .count();
    }

    @Test
    void shouldCiteOnlySectionsOfTheModelsPageThatAreThere() {
        final Path page = SourceTree.file("docs/model.md");
        final Set<String> sections = !Files.exists(page)
                ? Set.of()
                : SourceTree.lines(page).stream()
                        .map(HEADING::matcher)
                        .filter(java.util.regex.Matcher::matches)
                        .map(heading -> heading.group(1))
                        .collect(Collectors.toSet());
        final List<String> found = new ArrayList<>();
        SourceTree.find(everything(), SECTION, (place, cited) -> {
            if (cited.group(1).equals("design") || !sections.contains(cited.group(2))) {
                found.add(place + " cites " + cited.group());
            }
        });
        assertAtMost(DEAD_SECTIONS, found, "citations of sections that no page has");
    }

    @Test
    void shouldNameOnlyPagesThatAreThere() {
        final List<String> found = new ArrayList<>();
        SourceTree.find(everything(), PATH, (place, path) -> {
            final String named = path.group();
            // A decision is cited by its number alone.
            final Path file = SourceTree.file(named);
            if (!Files.exists(file) && !isDecision(named)) {
                found.add(place + " names " + named);
            }
        });
        assertAtMost(DEAD_PATHS, found, "pages that are named and are not there");
    }

    private static boolean isDecision(final String path) {
        final String folder = "docs/decisions/";
        return path.matches(folder + "\\d{4}")
                && SourceTree.pages().stream()
                        .map(page -> page.getFileName().toString())
                        .anyMatch(name -> name.startsWith(path.substring(folder.length()) + "-"));
    }

    @Test
    void shouldNameOnlyTestsThatAreThere() {
        final Set<String> tests = new HashSet<>();
        for (final String kind : List.of("main", "test")) {
            SourceTree.java(kind).forEach(file -> tests.add(SourceTree.simpleName(file)));
        }
        final List<String> found = new ArrayList<>();
        SourceTree.find(SourceTree.pages(), TEST, (place, test) -> {
            if (!tests.contains(test.group(1))) {
                found.add(place + " names " + test.group(1));
            }
        });
        assertAtMost(DEAD_TESTS, found, "tests that pages name and that are not there");
    }

    private static List<Path> everything() {
        return Stream.of(Kind.values()).flatMap(kind -> kind.files().stream()).toList();
    }

    private static void assertAtMost(final int ceiling, final List<String> found, final String what) {
        System.out.println(what + ": " + found.size() + ", at most " + ceiling);
        assertThat(found)
                .as("%s, of which there were %d at most", what, ceiling)
                .hasSizeLessThanOrEqualTo(ceiling);
    }
}
