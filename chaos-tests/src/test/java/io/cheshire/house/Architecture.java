package io.cheshire.house;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Set;
import java.util.stream.Collectors;

/** The product's classes as ArchUnit sees them. */
final class Architecture {
    private static final Set<String> OF_MAIN =
            SourceTree.java("main").stream().map(SourceTree::className).collect(Collectors.toSet());

    /** All of main code and nothing of tests; what the frames' schema generates is {@code transport.sbe}. */
    static final JavaClasses MAIN = new ClassFileImporter()
            .importPackages("io.cheshire")
            .that(DescribedPredicate.describe(
                    "are of main code", type -> OF_MAIN.contains(outermost(type).getName())));

    private Architecture() {}

    static JavaClass outermost(final JavaClass type) {
        JavaClass outer = type.isArray() ? type.getBaseComponentType() : type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().orElseThrow();
        }
        return outer;
    }

    /** In a package with this segment: {@code inLayer("core")} holds for {@code io.cheshire.router.core.exchange}. */
    static DescribedPredicate<JavaClass> inLayer(final String layer) {
        return DescribedPredicate.describe(
                "are in a layer " + layer,
                type -> ofCheshire(type) && (type.getPackageName() + ".").contains("." + layer + "."));
    }

    static boolean ofCheshire(final JavaClass type) {
        return type.getPackageName().startsWith("io.cheshire.");
    }

    /** The folder of a class's module, such as {@code expert-node}. */
    static String moduleOf(final String packageName) {
        final String second = packageName.split("\\.", -1)[2];
        return switch (second) {
            case "expertnode" -> "expert-node";
            case "chaos" -> "chaos-tests";
            default -> second;
        };
    }
}
