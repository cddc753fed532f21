package io.cheshire.planner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The planner's layers, as docs/architecture.md has them: HouseTest sees the modules below it only. */
class PlannerHouseTest {
    private static final JavaClasses PLANNER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.cheshire.planner");

    private static DescribedPredicate<JavaClass> inLayer(final String layer) {
        return DescribedPredicate.describe(
                "are in a layer " + layer,
                type -> type.getPackageName().startsWith("io.cheshire.")
                        && (type.getPackageName() + ".").contains("." + layer + "."));
    }

    private static DescribedPredicate<JavaClass> ofOthers() {
        return DescribedPredicate.describe(
                "are of libraries", type -> !type.getPackageName().startsWith("io.cheshire."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "core"})
    void shouldLetLayersThatDecideUseEachOtherOnly(final String layer) {
        classes()
                .that(inLayer(layer))
                .should()
                .onlyDependOnClassesThat(
                        ofOthers().or(inLayer("protocol")).or(layer.equals("core") ? inLayer("core") : inLayer(layer)))
                .check(PLANNER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "core"})
    void shouldReadNoClockAndPerformNothingInLayersThatDecide(final String layer) {
        noClasses()
                .that(inLayer(layer))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.pekko..",
                        "io.aeron..",
                        "com.linecorp.armeria..",
                        "org.slf4j..",
                        "com.typesafe..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "picocli..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class,
                        java.time.Clock.class,
                        java.util.concurrent.Executor.class,
                        java.util.concurrent.ExecutorService.class,
                        java.util.concurrent.locks.LockSupport.class,
                        java.util.concurrent.ThreadLocalRandom.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(PLANNER);
    }
}
