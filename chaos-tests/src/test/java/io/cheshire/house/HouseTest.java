package io.cheshire.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static io.cheshire.house.Architecture.MAIN;
import static io.cheshire.house.Architecture.inLayer;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How modules, layers and packages lie above each other: docs/architecture.md, as rules. */
class HouseTest {
    private static final String GENERATED = "io.cheshire.transport.sbe..";

    /** How any layer reads its part of the configuration, without seeing the tree that it comes from. */
    private static final String SETTINGS = "io.cheshire.settings..";

    /** What performs: actors, sockets, servers, logs, settings, files, threads. */
    private static final String[] EFFECTS = {
        "org.apache.pekko..",
        "io.aeron..",
        "io.netty..",
        "com.linecorp.armeria..",
        "org.slf4j..",
        "ch.qos.logback..",
        "com.typesafe..",
        "org.bytedeco..",
        "ai.djl..",
        "java.nio.file..",
        "java.nio.channels..",
        "java.net..",
    };

    /** Modules that are no product's, or measure it: their packages are named by subject, some with layers inside. */
    private static final Set<String> WITHOUT_LAYERS = Set.of("testing", "benchmarks", "chaos-tests");

    @Test
    void shouldKeepProtocolsToThemselves() {
        classes()
                .that(inLayer("protocol"))
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("io.cheshire..")
                        .or(inLayer("protocol"))
                        .or(resideInAnyPackage(GENERATED, SETTINGS)))
                .check(MAIN);
    }

    @Test
    void shouldLetCoresUseProtocolsAndCoresOnly() {
        classes()
                .that(inLayer("core"))
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("io.cheshire..")
                        .or(inLayer("core"))
                        .or(inLayer("protocol"))
                        .or(resideInAnyPackage(GENERATED, SETTINGS)))
                .check(MAIN);
    }

    /**
     * Messages of the control plane may name whom to answer, so Pekko's references are theirs to use. An address that
     * is written in digits may be read anywhere; to resolve a name is an effect.
     */
    @ParameterizedTest
    @ValueSource(strings = {"protocol", "core"})
    void shouldPerformNothingInLayersThatDecide(final String layer) {
        final DescribedPredicate<JavaClass> effects = resideInAnyPackage(EFFECTS)
                .and(DescribedPredicate.describe(
                        "are no references of Pekko's in messages",
                        type -> !(layer.equals("protocol")
                                && type.getPackageName().startsWith("org.apache.pekko"))));
        noClasses()
                .that(inLayer(layer))
                .should()
                .dependOnClassesThat(
                        effects.and(DescribedPredicate.not(JavaClass.Predicates.type(java.net.InetAddress.class))))
                .orShould()
                .callMethod(java.net.InetAddress.class, "getByName", String.class)
                .orShould()
                .callMethod(java.net.InetAddress.class, "getAllByName", String.class)
                .check(MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "core"})
    void shouldReadNoClockAndStartNoThreadInLayersThatDecide(final String layer) {
        noClasses()
                .that(inLayer(layer))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class,
                        java.time.Clock.class,
                        java.io.File.class,
                        java.util.Timer.class,
                        java.util.concurrent.Executor.class,
                        java.util.concurrent.ExecutorService.class,
                        java.util.concurrent.Executors.class,
                        java.util.concurrent.locks.LockSupport.class,
                        java.util.concurrent.ThreadLocalRandom.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(MAIN);
    }

    @Test
    void shouldHaveEveryClassOfTheProductInALayer() {
        classes()
                .that(DescribedPredicate.describe(
                        "are of the product",
                        type -> !WITHOUT_LAYERS.contains(Architecture.moduleOf(type.getPackageName()))))
                .and()
                .resideOutsideOfPackages(GENERATED, SETTINGS)
                .should()
                .resideInAnyPackage("io.cheshire.*.protocol..", "io.cheshire.*.core..", "io.cheshire.*.runtime..")
                .check(MAIN);
    }

    /** A module uses only those before it in the build; which ones of these its {@code pom.xml} says. */
    @Test
    void shouldUseEarlierModulesOnly() {
        final List<String> order = SourceTree.modules();
        final Set<String> upward = new TreeSet<>();
        for (final JavaClass type : MAIN) {
            final int own = order.indexOf(Architecture.moduleOf(type.getPackageName()));
            assertThat(own).as("module of %s", type.getName()).isNotNegative();
            for (final Dependency dependency : type.getDirectDependenciesFromSelf()) {
                final JavaClass target = Architecture.outermost(dependency.getTargetClass());
                if (Architecture.ofCheshire(target)
                        && order.indexOf(Architecture.moduleOf(target.getPackageName())) > own) {
                    upward.add(type.getName() + " -> " + target.getName());
                }
            }
        }
        assertThat(upward).isEmpty();
    }

    @Test
    void shouldHaveNoCycleOfPackages() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new Packages())
                .should()
                .beFreeOfCycles()
                .check(MAIN);
    }

    /** Each package by itself; the simulation is one box. */
    private static final class Packages implements SliceAssignment {
        private static final String SIMULATION = "io.cheshire.chaos.sim";

        @Override
        public SliceIdentifier getIdentifierOf(final JavaClass type) {
            final String name = type.getPackageName();
            if (!name.startsWith("io.cheshire.")) {
                return SliceIdentifier.ignore();
            }
            return SliceIdentifier.of(name.startsWith(SIMULATION) ? SIMULATION : name);
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "test"})
    void shouldGiveEachClassANameOfItsOwn(final String kind) {
        final Map<String, List<String>> byName = new TreeMap<>();
        final List<Path> files = new ArrayList<>(SourceTree.java("main"));
        if (kind.equals("test")) {
            files.addAll(SourceTree.java("test"));
        }
        for (final Path file : files) {
            byName.computeIfAbsent(SourceTree.simpleName(file), name -> new ArrayList<>())
                    .add(SourceTree.className(file));
        }
        byName.values().removeIf(same -> same.size() == 1);
        assertThat(byName).as("a search for a class's name finds one class").isEmpty();
    }
}
