package io.cheshire.ops.core.doctor;

import static io.cheshire.ops.core.doctor.Finding.fail;
import static io.cheshire.ops.core.doctor.Finding.ok;
import static io.cheshire.ops.core.doctor.Finding.warn;

/** Rules for memory and files. */
final class StorageJudge {
    /** Natives, unpacked: oneDNN and its OpenMP 95 MB, the tokenizer 16 MB. */
    private static final long NATIVES_BYTES = 128L << 20;
    /** Threads, code and buffers of a JVM beside its heap. */
    private static final long JVM_BYTES = 300L << 20;

    private StorageJudge() {}

    static Finding memory(
            final HostFacts.Memory memory, final ProcessFacts.Jvm jvm, final ModelFacts model, final Needs needs) {
        final String found = SizeText.of(memory.host()) + ", " + SizeText.of(memory.available()) + " of it available"
                + (memory.limit() == 0
                        ? ""
                        : "; limited to " + SizeText.of(memory.limit()) + ", " + SizeText.of(memory.used()) + " used");
        if (jvm.maxHeapBytes() >= memory.reach()) {
            return fail(
                    "memory",
                    found + "; the heap alone may take " + SizeText.of(jvm.maxHeapBytes()),
                    "lower -Xmx (CHESHIRE_JAVA_OPTS, JDK_JAVA_OPTIONS) or give the process more");
        }
        if (model.totalBytes() == 0) {
            return ok("memory", found);
        }
        final long own = jvm.maxHeapBytes() + JVM_BYTES;
        final boolean isNode = needs.nodeId() >= 0;
        final long all =
                own + (isNode ? needs.copies() * model.fullestNodeBytes() : model.totalBytes() + needs.kvBytes());
        final long least = own + (isNode ? model.fullestNodeBytes() : model.routerBytes() + needs.kvBytes());
        final String asked =
                "; " + (isNode ? "this node" : "the whole model") + " with caches and heap takes " + SizeText.of(all);
        if (least > memory.reach()) {
            return fail(
                    "memory",
                    found + asked,
                    "more nodes (--nodes), a smaller cheshire.router.engine.kv.bytes or heap, or more memory: not even "
                            + (isNode ? "one copy of its units" : "a router alone") + " fits (" + SizeText.of(least)
                            + ")");
        }
        if (all > memory.reach()) {
            return warn(
                    "memory",
                    found + asked,
                    isNode
                            ? "more nodes, or cheshire.coordinator.replicas = 1; what doesn't fit stays short of copies"
                            : "a router alone takes " + SizeText.of(least)
                                    + ": spread the experts over hosts (--nodes)");
        }
        if (all > memory.free()) {
            return warn("memory", found + asked, "free some before the start: others hold it now");
        }
        return ok("memory", found + asked);
    }

    static Finding driverFiles(final HostFacts.DriverFiles files, final Needs needs) {
        final String found = files.directory() + ": " + SizeText.of(files.freeBytes()) + " of "
                + SizeText.of(files.totalBytes()) + " free, " + SizeText.of(needs.driverBytes()) + " needed for "
                + needs.channels() + " channels";
        if (files.freeBytes() < needs.driverBytes()) {
            return files.inMemory()
                    ? fail(
                            "media driver",
                            found,
                            "give it more (docker run --shm-size, Kubernetes: a memory emptyDir with a sizeLimit, mount"
                                    + " -o remount,size=), use fewer nodes or a smaller"
                                    + " cheshire.transport.term-buffer-bytes")
                    : fail("media driver", found, "free some, or name another in cheshire.transport.driver.directory");
        }
        if (files.freeBytes() < needs.driverMost()) {
            return warn(
                    "media driver",
                    found + ", " + SizeText.of(needs.driverMost()) + " with the most routers",
                    "give it that much, or lower cheshire.transport.max-routers");
        }
        return files.inMemory()
                ? ok("media driver", found)
                : warn(
                        "media driver",
                        found + ", on disk",
                        "give /dev/shm more (docker run --shm-size, Kubernetes: a memory emptyDir with a sizeLimit): it"
                                + " has no room or isn't there, and files on a disk may be slower");
    }

    static Finding leftFiles(final HostFacts.DriverFiles files) {
        return files.left().isEmpty()
                ? ok("left files", "none in " + files.directory())
                : warn(
                        "left files",
                        files.left().size() + " in " + files.directory() + " of processes that were killed: "
                                + String.join(
                                        ", ",
                                        files.left()
                                                .subList(
                                                        0,
                                                        Math.min(3, files.left().size()))),
                        "nothing: the next start of their user there deletes them");
    }

    static Finding temporary(final ProcessFacts.Temporary temporary) {
        final String found = temporary.directory() + ": " + SizeText.of(temporary.freeBytes()) + " free";
        if (!temporary.writable()) {
            return fail(
                    "temporary directory",
                    temporary.directory() + ": not to be written by this user",
                    "name another by -Djava.io.tmpdir=DIR, or mount one: natives are unpacked there");
        }
        return temporary.freeBytes() < NATIVES_BYTES
                ? fail(
                        "temporary directory",
                        found + ", " + SizeText.of(NATIVES_BYTES) + " needed",
                        "free some, or name another by -Djava.io.tmpdir=DIR: natives are unpacked there")
                : ok("temporary directory", found);
    }

    static Finding model(final ModelFacts model, final HostFacts.Memory memory) {
        if (!model.problems().isEmpty()) {
            return fail(
                    "model",
                    model.directory() + ": " + String.join("; ", model.problems()),
                    "./cheshire inspect " + model.directory() + " says more; --model DIR names another");
        }
        final String found = model.directory() + ": " + model.summary();
        return model.totalBytes() > memory.reach()
                ? warn(
                        "model",
                        found + ", more than the page cache of this host can hold",
                        "nothing on a node that maps a part of it; else each start reads it from the disk")
                : ok("model", found);
    }
}
