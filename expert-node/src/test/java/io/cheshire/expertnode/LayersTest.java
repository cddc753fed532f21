package io.cheshire.expertnode;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** Core decides without effects, runtime performs them. */
class LayersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cheshire.expertnode");

    @Test
    void shouldKeepCorePure() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.cheshire.expertnode.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.cheshire.*.runtime..",
                        "org.apache.pekko..",
                        "io.aeron..",
                        "org.slf4j..",
                        "java.io..",
                        "java.nio..",
                        "com.typesafe..")
                .check(CLASSES);
    }

    @Test
    void shouldNotReadClocksInCore() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.cheshire.expertnode.core..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }
}
