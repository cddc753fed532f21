package io.cheshire.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cheshire.coordinator");

    @Test
    void shouldUseOnlyLayersToTheLeft() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("protocol")
                .definedBy("..coordinator.protocol..")
                .layer("core")
                .definedBy("..coordinator.core..")
                .layer("runtime")
                .definedBy("..coordinator.runtime..")
                .whereLayer("protocol")
                .mayOnlyBeAccessedByLayers("core", "runtime")
                .whereLayer("core")
                .mayOnlyBeAccessedByLayers("runtime")
                .whereLayer("runtime")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void shouldDecideWithoutActorsClocksThreadsAndLogs() {
        noClasses()
                .that()
                .resideInAPackage("..coordinator.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko..", "org.slf4j..", "com.typesafe..", "io.aeron..", "java.io..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }
}
