package io.cheshire.house;

import static io.cheshire.house.Architecture.MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What is simulated is what ships: the simulation stands in for what lies beneath the product (wires, devices, disks,
 * clocks, networks) and for those who use it, and has no second edition of anything that the product decides.
 */
class SimulationBoundaryTest {
    /** What lies beneath the product, or above it. */
    private static final Set<String> BENEATH_OR_ABOVE = Set.of(
            "Wire",
            "Inbox",
            "Inbox$Sink",
            "Outbox",
            "Lifeline",
            "LifelineDoor",
            "Kernels",
            "ExpertKernel",
            "RouterKernel",
            "GenerationListener",
            "RouterEndLog",
            "NodeEndLog",
            "Place",
            "Whereabouts");

    /** Parts of the product that a simulation wraps, to listen in or to plant a bug: one of the kind is inside. */
    private static final Set<String> WRAPPED = Set.of(
            "ExpertTransport",
            "ExpertTransport$Listener",
            "RouterLinks",
            "RouterLinks$Listener",
            "RouterLink",
            "FrameFilter",
            "RouterCredit",
            "NodeCredit",
            "Rebalancing");

    private static List<JavaClass> simulation() {
        return MAIN.stream()
                .filter(type -> type.getPackageName().startsWith("io.cheshire.chaos.sim"))
                .toList();
    }

    private static List<JavaClass> product() {
        return MAIN.stream()
                .filter(type -> !type.getPackageName().startsWith("io.cheshire.chaos"))
                .toList();
    }

    @Test
    void shouldStandInOnlyForWhatLiesBeneathTheProductOrAboveIt() {
        final Set<String> others = new TreeSet<>();
        for (final JavaClass type : simulation()) {
            for (final JavaClass implemented : type.getAllRawInterfaces()) {
                final String name = nested(implemented);
                if (isOfProduct(implemented) && !BENEATH_OR_ABOVE.contains(name) && !isWrapper(type, implemented)) {
                    others.add(type.getName() + " implements " + implemented.getName());
                }
            }
            type.getRawSuperclass()
                    .filter(SimulationBoundaryTest::isOfProduct)
                    .ifPresent(extended -> others.add(type.getName() + " extends " + extended.getName()));
        }
        assertThat(others).isEmpty();
    }

    private static boolean isWrapper(final JavaClass type, final JavaClass implemented) {
        return WRAPPED.contains(nested(implemented))
                && type.getAllFields().stream()
                        .anyMatch(field -> field.getRawType().isAssignableTo(implemented.getName()));
    }

    @Test
    void shouldHaveNoEnumThatSaysWhatAnEnumOfTheProductSays() {
        final Set<Set<String>> ofProduct = product().stream()
                .filter(JavaClass::isEnum)
                .map(SimulationBoundaryTest::constants)
                .filter(constants -> constants.size() > 1)
                .collect(Collectors.toSet());
        assertThat(simulation())
                .filteredOn(JavaClass::isEnum)
                .allSatisfy(type -> assertThat(ofProduct)
                        .as("enums of the product with the constants of %s", type.getName())
                        .doesNotContain(constants(type)));
    }

    /** What changes from state to state keeps its state in a field. */
    @Test
    void shouldKeepNoStateOfTheProductItself() {
        final Set<String> kept = new TreeSet<>();
        for (final JavaClass type : simulation()) {
            for (final JavaField field : type.getFields()) {
                final JavaClass of = field.getRawType();
                if (isOfProduct(of)
                        && of.isEnum()
                        && !field.getModifiers().contains(JavaModifier.FINAL)
                        && of.getSimpleName().matches(".*(State|Status|Phase)")) {
                    kept.add(field.getFullName());
                }
            }
        }
        assertThat(kept).isEmpty();
    }

    private static boolean isOfProduct(final JavaClass type) {
        return Architecture.ofCheshire(type) && !type.getPackageName().startsWith("io.cheshire.chaos");
    }

    private static String nested(final JavaClass type) {
        return type.getName().substring(type.getPackageName().length() + 1);
    }

    private static Set<String> constants(final JavaClass type) {
        return type.getFields().stream()
                .filter(field -> field.getRawType().equals(type))
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                .map(JavaField::getName)
                .collect(Collectors.toSet());
    }
}
