package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void aSwitchIsOffUnlessItIsTrueAndNothingElseIsTaken() {
        assertThat(Settings.isTrue("squall.x", null)).isFalse();
        assertThat(Settings.isTrue("squall.x", "false")).isFalse();
        assertThat(Settings.isTrue("squall.x", "true")).isTrue();
        assertThatThrownBy(() -> Settings.isTrue("squall.x", "yes"))
                .hasMessage("system property squall.x: found 'yes', expected true or false");
    }
}
