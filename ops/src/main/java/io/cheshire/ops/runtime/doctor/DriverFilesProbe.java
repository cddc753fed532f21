package io.cheshire.ops.runtime.doctor;

import io.cheshire.ops.core.doctor.HostFacts;
import io.cheshire.transport.runtime.DriverStorage;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Looks at where media drivers have their files, as a start would, and deletes nothing. */
final class DriverFilesProbe {
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "hugetlbfs");

    private DriverFilesProbe() {}

    /** Looks where a start would put them. */
    static HostFacts.DriverFiles find(final TransportConfig config, final long neededBytes) {
        final Path place = DriverStorage.base(config.driver().directory(), neededBytes);
        Path there = place.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            final FileStore store = Files.getFileStore(there);
            return new HostFacts.DriverFiles(
                    place.toString(),
                    IN_MEMORY.contains(store.type()),
                    store.getTotalSpace(),
                    store.getUsableSpace(),
                    DriverStorage.leftIn(there));
        } catch (final IOException unreadable) {
            return new HostFacts.DriverFiles(place.toString(), false, 0, 0, List.of());
        }
    }
}
