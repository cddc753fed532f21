package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.cuda.CudaKernels;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.model.testing.EmulatedCuda;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ExpectedErrors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which kernels a process gets, why, and what is refused; on a host without a GPU, and on one with an emulated one. */
class KernelChoiceTest {
    private static final String NO_GPU = "libcuda-that-isnt-here.so.1";
    private static final String EXPERTS_ON_GPUS = "cuda1 f25k16 sm_90 emulated";
    private static final String ROUTERS_ON_GPUS = "cuda router 1 f25k16 sm_90 emulated";

    @TempDir
    private Path folder;

    private final List<Kernels> made = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>();

    @AfterEach
    void close() {
        made.forEach(Kernels::close);
    }

    @ParameterizedTest
    @CsvSource({
        "onednn,same,ROUTER,onednn: cheshire.device.kernels",
        "onednn,same,EXPERTS,onednn: cheshire.device.kernels",
        "onednn,cuda,EXPERTS,onednn: cheshire.device.kernels",
        "onednn,onednn,BOTH,onednn: cheshire.device.kernels",
    })
    void shouldTakeOneDnnAndAskNoDriverWhereItIsToBeOneDnn(
            final String kernels, final String routers, final Hosted hosted, final String reason) {
        final KernelChoice choice = choose(hosted, kernels, routers, NO_GPU);
        assertThat(choice.kernels()).isInstanceOf(OneDnnKernels.class);
        assertThat(choice.gpu()).isNull();
        assertThat(choice.reason()).isEqualTo(reason);
    }

    @Test
    void shouldTakePlainJavaWhereItIsAskedFor() {
        final KernelChoice choice = choose(Hosted.BOTH, "reference", "same", NO_GPU);
        assertThat(choice.kernels()).isInstanceOf(ReferenceKernels.class);
        assertThat(choice.reason()).isEqualTo("reference: cheshire.device.kernels");
    }

    @Test
    void shouldSayWhyThereIsNoGpuWhenItGoesOnWithoutOne() {
        final KernelChoice choice = choose(Hosted.BOTH, "auto", "same", NO_GPU);
        assertThat(choice.kernels()).isInstanceOf(OneDnnKernels.class);
        assertThat(choice.gpu()).isNull();
        assertThat(choice.reason())
                .startsWith("onednn: no GPU that can be used: ")
                .contains(NO_GPU);
    }

    @ParameterizedTest
    @CsvSource({"cuda,same,BOTH", "cuda,onednn,EXPERTS", "onednn,cuda,ROUTER", "cuda,onednn,ROUTER"})
    void shouldNotGoOnWithoutAGpuThatWasAskedFor(final String kernels, final String routers, final Hosted hosted) {
        assertThatThrownBy(() -> choose(hosted, kernels, routers, NO_GPU))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining(NO_GPU);
    }

    @Test
    void shouldRefuseADeviceThatTheDriverDoesntHave() {
        final String driver = emulated("");
        assertThatThrownBy(() -> choose(Hosted.BOTH, "cuda", "same", driver, "cheshire.cuda.device = 3"))
                .hasMessageContaining("there is no device 3 among the driver's 1")
                .hasMessageContaining("nvidia-smi -L");
    }

    @Test
    void shouldTakeAGpuThatIsThere() {
        final KernelChoice choice = choose(Hosted.BOTH, "auto", "same", emulated(""));
        assertThat(choice.kernels()).isInstanceOf(CudaKernels.class).isSameAs(choice.gpu());
        assertThat(choice.reason()).isEqualTo("cuda: there is a GPU");
        assertThat(choice.kernels().description()).contains("emulated on the host", "bits as predicted");
    }

    @ParameterizedTest
    @CsvSource({
        "arch=75,sm_75; the kernels need sm_80 (Ampere) or later",
        "load=222,PTX of an unsupported version",
        "devices=0,no device",
    })
    void shouldSayWhyAGpuCantBeUsedAndGoOnWithoutItOnlyWhereThatIsAllowed(final String fault, final String why) {
        final String driver = emulated(fault);
        final KernelChoice choice = choose(Hosted.BOTH, "auto", "same", driver);
        assertThat(choice.kernels()).isInstanceOf(OneDnnKernels.class);
        assertThat(choice.reason())
                .startsWith("onednn: no GPU that can be used: ")
                .contains(why);
        assertThatThrownBy(() -> choose(Hosted.BOTH, "cuda", "same", driver)).hasMessageContaining(why);
    }

    @Test
    void shouldWatchTheGpuOfARouterWhoseExpertsAreOnProcessors() {
        final KernelChoice choice = choose(Hosted.BOTH, "onednn", "cuda", emulated(""));
        assertThat(choice.gpu()).isNotNull();
        assertThat(choice.kernels().routerNumerics(Precision.BF16)).isEqualTo(ROUTERS_ON_GPUS);
        assertThat(choice.kernels().expertNumerics(Precision.BF16)).doesNotContain("cuda");
        assertThat(choice.reason())
                .isEqualTo("onednn: cheshire.device.kernels, routers cuda: cheshire.device.router-kernels");
    }

    @Test
    void shouldWatchTheGpuOfExpertsWhoseRouterIsOnTheProcessor() {
        final KernelChoice choice = choose(Hosted.BOTH, "cuda", "onednn", emulated(""));
        assertThat(choice.gpu()).isNotNull();
        assertThat(choice.kernels().expertNumerics(Precision.BF16)).isEqualTo(EXPERTS_ON_GPUS);
        assertThat(choice.kernels().routerNumerics(Precision.BF16)).doesNotContain("cuda");
    }

    @Test
    void shouldAskForExpertsLikeThisHostsGpuWithoutTakingItWhereOnlyARouterRuns() {
        final KernelChoice choice = choose(Hosted.ROUTER, "cuda", "onednn", emulated(""));
        assertThat(choice.gpu()).as("nothing of it is taken").isNull();
        assertThat(choice.kernels().expertNumerics(Precision.BF16)).isEqualTo(EXPERTS_ON_GPUS);
        assertThat(choice.reason())
                .isEqualTo("cuda: cheshire.device.kernels, routers onednn: cheshire.device.router-kernels,"
                        + " for experts on other hosts");
    }

    @Test
    void shouldWatchTheGpuOfARouterWhoseExpertsAreElsewhere() {
        final KernelChoice choice = choose(Hosted.ROUTER, "cuda", "same", emulated(""));
        assertThat(choice.gpu()).isNotNull();
        assertThat(choice.kernels().numerics(Precision.BF16)).isEqualTo(EXPERTS_ON_GPUS + ", " + ROUTERS_ON_GPUS);
        assertThat(choice.reason()).isEqualTo("cuda: cheshire.device.kernels, for experts on other hosts");
    }

    @Test
    void shouldAskForTheExpertsThatItIsToldOf() {
        final KernelChoice choice = choose(
                Hosted.ROUTER, "onednn", "same", NO_GPU, "cheshire.device.expert-numerics = \"cuda1 f24k8 sm_86\"");
        assertThat(choice.kernels().expertNumerics(Precision.BF16)).isEqualTo("cuda1 f24k8 sm_86");
        assertThat(choice.reason())
                .isEqualTo("onednn: cheshire.device.kernels, experts elsewhere: cheshire.device.expert-numerics");
    }

    @Test
    @ExpectedErrors("is left alone for as long")
    void shouldEndTheProcessWhenTheGpuWasLostTooOften() throws Exception {
        final String driver = emulated("");
        final KernelChoice first = choose(Hosted.EXPERTS, "auto", "same", driver);
        final LossRecord record = new LossRecord(folder.resolve("losses"));
        for (int i = 0; i < LossRecord.MOST; i++) {
            record.add(first.gpu().device().uuid(), Instant.now());
        }
        assertThat(Files.readAllLines(record.file())).hasSize(LossRecord.MOST);
        choose(Hosted.EXPERTS, "auto", "same", driver);
        assertThat(ends).as("no other kernels instead").containsExactly(DeviceLoss.QUARANTINED_STATUS);
    }

    private KernelChoice choose(
            final Hosted hosted,
            final String kernels,
            final String routers,
            final String driver,
            final String... more) {
        final DeviceConfig config = SettingReader.read(
                ConfigFactory.parseString(String.join(
                                "\n",
                                "cheshire.device.kernels = " + kernels,
                                "cheshire.device.router-kernels = " + routers,
                                "cheshire.device.threads = 1",
                                "cheshire.cuda.driver-library = \"" + driver + "\"",
                                String.join("\n", more)))
                        .withFallback(ConfigFactory.load()),
                DeviceConfig::from);
        final DeviceLoss loss = new DeviceLoss(new LossRecord(folder.resolve("losses")), ends::add);
        final KernelChoice choice = KernelChoice.of(config, hosted, loss);
        made.add(choice.kernels());
        return choice;
    }

    /** The library of an emulated GPU; skips the test where there can't be one. */
    private static String emulated(final String fault) {
        return EmulatedCuda.fresh().faults(fault).library().toString();
    }
}
