package io.cheshire.ops.runtime.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.doctor.HostFacts;
import io.cheshire.ops.core.doctor.ProcessFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells, from files as it writes them. */
class SystemFilesTest {
    @TempDir
    private Path root;

    private SystemFiles files() {
        return new SystemFiles(root);
    }

    private void write(final String path, final String text) throws IOException {
        final Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void shouldReadTheTightestLimitOfNestedGroups() throws IOException {
        write("proc/self/cgroup", "0::/pods/one\n");
        write("sys/fs/cgroup/pods/cpu.max", "400000 100000\n");
        write("sys/fs/cgroup/pods/one/cpu.max", "max 100000\n");
        write("sys/fs/cgroup/pods/cpu.stat", "usage_usec 7\nnr_periods 100\nnr_throttled 9\n");
        write("sys/fs/cgroup/pods/one/memory.max", "2147483648\n");
        write("sys/fs/cgroup/pods/one/memory.current", "1000000\n");
        write("sys/fs/cgroup/pods/one/memory.stat", "anon 5\ninactive_file 400000\n");
        write("sys/fs/cgroup/pods/memory.max", "max\n");
        final ControlGroup group = new ControlGroup(files());

        assertThat(group.quota()).isEqualTo(4.0);
        assertThat(group.periods()).isEqualTo(100);
        assertThat(group.throttled()).isEqualTo(9);
        assertThat(group.memoryLimit()).isEqualTo(2_147_483_648L);
        assertThat(group.memoryUsed()).isEqualTo(600_000);
    }

    @Test
    void shouldReadGroupsOfVersionOne() throws IOException {
        write("proc/self/cgroup", "4:memory:/docker/1\n");
        write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
        write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        final ControlGroup group = new ControlGroup(files());

        assertThat(group.quota()).isEqualTo(1.5);
        assertThat(group.memoryLimit()).isZero();
    }

    @Test
    void shouldFindNoLimitWhereNoneIsWritten() {
        final ControlGroup group = new ControlGroup(files());

        assertThat(group.quota()).isZero();
        assertThat(group.memoryLimit()).isZero();
        assertThat(group.throttled()).isZero();
    }

    @Test
    void shouldReadProcessorAndMemory() throws IOException {
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 amx_bf16\n\n");
        write("proc/meminfo", "MemTotal:       24684112 kB\nMemFree: 1 kB\nMemAvailable:   22000000 kB\n");

        assertThat(HostProbe.cpu(files()).model()).isEqualTo("A Processor");
        assertThat(HostProbe.cpu(files()).features()).containsExactlyInAnyOrder("fpu", "avx2", "amx_bf16");
        final HostFacts.Memory memory = HostProbe.memory(files(), new ControlGroup(files()));
        assertThat(memory.host()).isEqualTo(24_684_112L * 1024);
        assertThat(memory.available()).isEqualTo(22_000_000L * 1024);
        assertThat(HostProbe.hugePages("always [madvise] never")).isEqualTo("madvise");
    }

    @Test
    void shouldCountTheMemoryNodesWhoseProcessorsThisProcessMayUse() throws IOException {
        write("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0-1,5\n");
        write("sys/devices/system/node/node0/cpulist", "0-3\n");
        write("sys/devices/system/node/node1/cpulist", "4-7\n");
        write("sys/devices/system/node/node2/cpulist", "8-11\n");

        assertThat(HostProbe.numa(files())).isEqualTo(new HostFacts.Numa(3, 2));
    }

    @Test
    void shouldReadLimits() throws IOException {
        write("proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max open files            1024                 4096                 files
                Max locked memory         unlimited            unlimited            bytes
                """);

        assertThat(ProcessProbe.limits(files())).isEqualTo(new ProcessFacts.Limits(1024, Long.MAX_VALUE));
    }

    /** No process has a number of one digit only: a read in parts would give the first digit. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldReadNumbersOfTheKernelWhole() {
        assertThat(new SystemFiles(Path.of("/")).number("proc/sys/kernel/pid_max", -1))
                .isGreaterThan(300);
    }

    @Test
    void shouldBelieveNothingOfFilesThatAreNotThere() {
        assertThat(HostProbe.cpu(files()).features()).isEmpty();
        assertThat(HostProbe.numa(files())).isEqualTo(new HostFacts.Numa(0, 0));
        assertThat(ProcessProbe.limits(files())).isEqualTo(new ProcessFacts.Limits(-1, -1));
        assertThat(files().number("proc/sys/net/core/rmem_max", -1)).isEqualTo(-1);
    }
}
