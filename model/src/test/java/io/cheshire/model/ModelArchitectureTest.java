package io.cheshire.model;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import java.nio.channels.FileChannel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.Test;

/** What holds in this module beside the rules of all: who reads files, and whose bits are the same everywhere. */
class ModelArchitectureTest {
    private static final String MODULE = "io.cheshire.model";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(MODULE);

    /** A model file that is read past the gate is one whose links, size and digest nobody looks at. */
    @Test
    void shouldOpenModelFilesThroughTheGateOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(MODULE + ".runtime..")
                .and(not(belongToAnyOf(ModelDirectory.class)))
                .and(not(simpleName("FileStamp"))) // asks for attributes only
                .and(not(simpleName("HubCache"))) // looks at folders only
                .and(not(simpleName("CheckpointWriter"))) // writes only
                .and(not(simpleName("ShippedLibrary"))) // ours: held against the bytes in the jar
                .and(not(simpleName("CalibrationStore"))) // no model's; bounded, and checked whole
                .and(not(simpleName("ChatTemplateChoice"))) // a file of the operator's, named in the configuration
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        java.nio.file.Files.class,
                        java.io.FileInputStream.class,
                        java.io.FileReader.class,
                        java.io.RandomAccessFile.class,
                        java.nio.channels.AsynchronousFileChannel.class,
                        java.util.Scanner.class)
                .orShould()
                .callMethodWhere(target(name("open")).and(targetOwner(assignableTo(FileChannel.class))))
                .orShould()
                .callMethod(java.nio.file.Path.class, "toFile")
                .check(CLASSES);
    }

    @Test
    void shouldKeepProtocolAndCoreFreeOfEffects() {
        noClasses()
                .that()
                .resideInAnyPackage(MODULE + ".protocol..", MODULE + ".core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..",
                        "org.slf4j..",
                        "org.agrona..",
                        "org.bytedeco..",
                        "ai.djl..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, java.io.File.class, java.time.Clock.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    /**
     * The JDK may compute these differently on different processors, within an ulp, and in the interpreter and
     * compiled. {@link StrictMath} and fused multiply-adds have one result.
     */
    @Test
    void shouldCallNoMathWhoseBitsTheJdkLeavesOpen() {
        noClasses()
                .should()
                .callMethodWhere(JavaCall.Predicates.target(owner(type(Math.class)))
                        .and(JavaCall.Predicates.target(nameMatching(
                                "exp|expm1|log|log10|log1p|pow|cbrt|hypot|a?sin|a?cos|a?tan|atan2|sinh|cosh|tanh"))))
                .check(CLASSES);
        noClasses()
                .should()
                .accessFieldWhere(JavaFieldAccess.Predicates.target(owner(type(VectorOperators.class)))
                        .and(JavaFieldAccess.Predicates.target(nameMatching(
                                "EXP|EXPM1|LOG|LOG10|LOG1P|POW|CBRT|HYPOT|A?SINH?|A?COSH?|A?TANH?|ATAN2"))))
                .check(CLASSES);
    }

    /** A sum's order would be the processor's. A maximum is the same in any order. */
    @Test
    void shouldReduceVectorsInOrdersOfItsOwn() {
        noClasses()
                .that()
                .doNotHaveSimpleName("AttentionTiles")
                .should()
                .callMethodWhere(JavaCall.Predicates.target(owner(type(FloatVector.class)))
                        .and(JavaCall.Predicates.target(name("reduceLanes"))))
                .check(CLASSES);
    }
}
