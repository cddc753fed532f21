package io.cheshire.chaos;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a user names may hold what a user needs: one class deletes, and only what carries its mark. */
class DeletionTest {
    private static final String ONLY_ONE = "io.cheshire.transport.runtime.DriverDirectory";
    private static final Set<String> DELETING = Set.of(
            "delete",
            "deleteIfExists",
            "deleteOnExit",
            "deleteFile",
            "deleteDirectory",
            "deleteRecursively",
            "deleteAeronDirectory",
            "forceDelete",
            "cleanDirectory",
            "renameTo",
            "move");

    private static final List<String> REPLACING = List.of(
            "io.cheshire.ops.runtime.local.StateFile",
            "io.cheshire.model.runtime.calibration.CalibrationStore",
            "io.cheshire.model.runtime.onednn.ffi.ShippedLibrary",
            "io.cheshire.chaos.process.EmulatedGpus");

    @Test
    void shouldDeleteFilesInOneClassOnly() {
        ArchRuleDefinition.noClasses()
                .that()
                .haveNameNotMatching(ONLY_ONE.replace(".", "\\.") + "(\\$.*)?")
                .should()
                .callMethodWhere(new DescribedPredicate<JavaCall<?>>("a file is deleted") {
                    @Override
                    public boolean test(final JavaCall<?> call) {
                        final String owner = call.getTargetOwner().getName();
                        return (DELETING.contains(call.getName()) && isOfFiles(owner) && !replacesItsOwn(call))
                                || (call.getName().startsWith("dirDelete") && deletesByItself(call));
                    }
                })
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("-tests.jar"))
                        .importPackages("io.cheshire"));
    }

    /** A file of state is replaced at once; that it is this cluster's own was looked at when it was opened. */
    private static boolean replacesItsOwn(final JavaCall<?> call) {
        return call.getName().equals("move")
                && REPLACING.contains(call.getOriginOwner().getName());
    }

    private static boolean isOfFiles(final String owner) {
        return owner.equals("java.nio.file.Files")
                || owner.equals("java.io.File")
                || owner.equals("java.nio.file.SecureDirectoryStream")
                || owner.equals("org.agrona.IoUtil")
                || owner.startsWith("io.aeron.")
                || owner.startsWith("org.apache.commons.io.");
    }

    /**
     * The media driver's own way is off, which the one place where it is set says; any other place may not touch it.
     */
    private static boolean deletesByItself(final JavaCall<?> call) {
        return !call.getOriginOwner().getName().equals("io.cheshire.transport.runtime.DataPlane");
    }
}
