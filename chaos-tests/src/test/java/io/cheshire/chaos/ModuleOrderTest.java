package io.cheshire.chaos;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A module depends only on those before it in the list, and no layer of one module on a later layer of another. */
class ModuleOrderTest {
    private static final List<String> ORDER =
            List.of("model", "transport", "coordinator", "expertnode", "router", "ops");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cheshire");

    @Test
    void shouldDependOnEarlierModulesOnly() {
        for (int i = 0; i < ORDER.size(); i++) {
            final String[] later = ORDER.subList(i + 1, ORDER.size()).stream()
                    .map(module -> "io.cheshire." + module + "..")
                    .toArray(String[]::new);
            if (later.length > 0) {
                ArchRuleDefinition.noClasses()
                        .that()
                        .resideInAPackage("io.cheshire." + ORDER.get(i) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void shouldKeepCoresFreeOfEffectsWhenDecidingAcrossModules() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.cheshire.*.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.cheshire.*.runtime..",
                        "org.apache.pekko..",
                        "io.aeron..",
                        "io.netty..",
                        "com.linecorp.armeria..",
                        "org.slf4j..")
                .check(CLASSES);
    }

    /** Messages of the control plane may name whom to answer, so Pekko's references are theirs to use. */
    @Test
    void shouldKeepProtocolsFreeOfEffects() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.cheshire.*.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.cheshire.*.runtime..", "io.aeron..", "io.netty..", "com.linecorp.armeria..", "org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void shouldHaveNoCyclesBetweenModules() {
        slices().matching("io.cheshire.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
