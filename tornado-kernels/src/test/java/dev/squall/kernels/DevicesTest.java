package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.kernels.Devices.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user calls a device finds it, or an error says which there are. */
class DevicesTest {
    private static final List<Device> DEVICES =
            List.of(device(0, "pthread-EPYC", "CPU"), device(1, "Radeon Pro", "GPU"), device(2, "Radeon VII", "GPU"));

    @Test
    void indexNameAndAutoFindADevice() {
        assertThat(Devices.choose("2", DEVICES).name()).isEqualTo("Radeon VII");
        assertThat(Devices.choose("epyc", DEVICES).index()).isEqualTo(0);
        assertThat(Devices.choose("auto", DEVICES).index()).isEqualTo(1);
        assertThat(Devices.choose("auto", DEVICES.subList(0, 1)).index()).isEqualTo(0);
    }

    @Test
    void whatIsNotThereOrNotOneNamesWhatExists() {
        assertThatThrownBy(() -> Devices.choose("3", DEVICES))
                .hasMessage("device: found '3', expected one of 0 (pthread-EPYC), 1 (Radeon Pro), 2 (Radeon VII)");
        assertThatThrownBy(() -> Devices.choose("radeon", DEVICES))
                .hasMessage("device: found 'radeon', which may be any of 1 (Radeon Pro), 2 (Radeon VII)");
        assertThatThrownBy(() -> Devices.choose("auto", List.of())).hasMessageContaining("found no device");
    }

    @Test
    void onTheJvmThereAreNoneAndAnErrorSaysHowToStart() {
        assertThat(Devices.present()).isFalse();
        assertThat(Devices.all()).isEmpty();
        assertThatThrownBy(() -> Devices.find("0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("device '0'")
                .hasMessageContaining("doctor --argfile");
    }

    private static Device device(int index, String name, String type) {
        return new Device(index, name, "OPENCL", type, "driver", 1L << 30, 1 << 15, 2, 4096, false, null);
    }
}
