package io.cheshire.transport;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** Protocol knows bytes only, core decides without effects, runtime performs them. */
class LayersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cheshire.transport");

    @Test
    void shouldKeepProtocolToBytes() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage("io.cheshire.transport.protocol..", "io.cheshire.transport.sbe..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cheshire.transport.core..", "io.cheshire.transport.runtime..", "io.aeron..")
                .check(CLASSES);
    }

    @Test
    void shouldKeepCorePure() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.cheshire.transport.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.cheshire.transport.runtime..",
                        "io.aeron..",
                        "org.slf4j..",
                        "java.io..",
                        "java.nio.file..",
                        "com.typesafe..")
                .check(CLASSES);
    }

    @Test
    void shouldNotReadClocksInProtocolAndCore() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage("io.cheshire.transport.protocol..", "io.cheshire.transport.core..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }
}
