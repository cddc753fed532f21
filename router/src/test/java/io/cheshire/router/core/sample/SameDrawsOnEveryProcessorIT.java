package io.cheshire.router.core.sample;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.cheshire.model.testing.ForkedJvm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One seed gives the same tokens and log-probabilities on any processor. */
class SameDrawsOnEveryProcessorIT {
    @Test
    void shouldDrawTheSameTokensWhateverTheProcessorAndWhetherCompiledOrNot() {
        final List<String> interpreted = draws("-Xint");

        assertThat(interpreted).hasSize(2);
        assertThat(draws("-XX:UseAVX=2")).isEqualTo(interpreted);
        assertThat(draws("-XX:UseAVX=3")).isEqualTo(interpreted);
    }

    /**
     * The JDK may compute these differently on different processors, within an ulp; {@link StrictMath} has one
     * result.
     */
    @Test
    void shouldCallNoMathWhoseBitsTheJdkLeavesOpen() {
        noClasses()
                .should()
                .callMethodWhere(target(owner(type(Math.class)))
                        .and(target(nameMatching(
                                "exp|expm1|log|log10|log1p|pow|cbrt|hypot|a?sin|a?cos|a?tan|atan2|sinh|cosh|tanh"))))
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.cheshire.router.core"));
    }

    private static List<String> draws(final String option) {
        return ForkedJvm.run(PrintedDraws.class, List.of(option), Map.of());
    }
}
