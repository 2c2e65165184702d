package dev.squall.app;

import dev.squall.DeviceFigures;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.kernels.ReadBandwidth;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokens a second of a prompt and of what follows it, and the bytes of weights that this reads. */
final class GenerationBench {
    private final Console console;
    private final LoadingOptions model;
    private final int promptTokens;
    private final int generatedTokens;
    private final int repeat;

    /** @param repeat runs that count, behind one that does not */
    GenerationBench(Console console, LoadingOptions model, int promptTokens, int generatedTokens, int repeat) {
        this.console = console;
        this.model = model;
        this.promptTokens = promptTokens;
        this.generatedTokens = generatedTokens;
        this.repeat = repeat;
    }

    /**
     * Measures and prints.
     *
     * @param jvm what {@link #measureOnJvm} found, null for none
     */
    void run(JsonNode jvm, boolean json) {
        Map<String, Object> result = measure(model.load(), jvm);
        if (json) {
            if (jvm != null) {
                result.put("jvm", jvm);
            }
            console.json(result);
        } else {
            print(JsonMapper.shared().valueToTree(result), jvm);
        }
    }

    /** The figures of the JVM, wherever the options want the model to run. */
    Map<String, Object> measureOnJvm() {
        return measure(model.loadOnJvm(), null);
    }

    private void print(JsonNode here, JsonNode jvm) {
        line("prompt", "promptTokensPerSecond", 1, "tokens/s", here, jvm);
        line("generation", "generationTokensPerSecond", 1, "tokens/s", here, jvm);
        line("weights", "weightBytesPerSecond", 1e9, "GB/s", here, jvm);
        line("read bandwidth", "readBandwidth", 1e9, "GB/s", here, jvm);
        line("share of it", "bandwidthShare", 0.01, "%", here, jvm);
        if (here.has("launches")) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-16s %8d a token, %.0f microseconds of host work each%n",
                            "launches",
                            here.get("launches").intValue(),
                            here.get("launchSeconds").doubleValue() * 1e6);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-16s %8.2f s compiler, %.2f s driver, %.2f s copies of %.2f GB%n",
                            "start",
                            here.get("compilerSeconds").doubleValue(),
                            here.get("driverSeconds").doubleValue(),
                            here.get("copySeconds").doubleValue(),
                            here.get("copiedBytes").doubleValue() / 1e9);
        }
    }

    /**
     * @param squall is closed
     * @param jvm figures of the JVM, whose read bandwidth counts on a device too; null where there are none
     */
    private Map<String, Object> measure(Squall squall, JsonNode jvm) {
        double[] prompts = new double[repeat];
        double[] generations = new double[repeat];
        double[] bytes = new double[repeat];
        double[] bandwidths = new double[repeat];
        double[] shares = new double[repeat];
        Optional<DeviceFigures> device;
        try (squall) {
            GenerationOptions options = GenerationOptions.builder()
                    .maxTokens(generatedTokens)
                    .ignoreEndOfSequence(true)
                    .speculation(Speculation.none())
                    .build();
            int[] prompt = new int[promptTokens];
            for (int i = 0; i < promptTokens; i++) {
                prompt[i] = (int) ((i * 7919L + 13) % squall.info().vocabulary());
            }
            squall.generate(prompt, options);
            for (int run = 0; run < repeat; run++) {
                Generation result = squall.generate(prompt, options);
                prompts[run] = result.promptTokensPerSecond();
                generations[run] = result.tokensPerSecond();
                bytes[run] = result.tokensPerSecond() * squall.info().bytesPerToken();
                bandwidths[run] = jvm == null
                        ? ReadBandwidth.measure()
                        : jvm.get("readBandwidth").get("mean").doubleValue();
                shares[run] = bytes[run] / bandwidths[run];
            }
            device = squall.deviceFigures();
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", model.path().toString());
        result.put("promptTokens", promptTokens);
        result.put("genTokens", generatedTokens);
        result.put("repeat", repeat);
        result.put("promptTokensPerSecond", Spread.of(prompts));
        result.put("generationTokensPerSecond", Spread.of(generations));
        result.put("weightBytesPerSecond", Spread.of(bytes));
        result.put("readBandwidth", Spread.of(bandwidths));
        result.put("bandwidthShare", Spread.of(shares));
        device.ifPresent(figures -> {
            result.put("launches", figures.launches());
            result.put("launchSeconds", figures.launchSeconds());
            result.put("compilerSeconds", figures.compilerSeconds());
            result.put("driverSeconds", figures.driverSeconds());
            result.put("copySeconds", figures.copySeconds());
            result.put("copiedBytes", figures.copiedBytes());
        });
        return result;
    }

    /** A figure, and that of the JVM if there is one. */
    private void line(String name, String key, double unit, String label, JsonNode here, JsonNode jvm) {
        console.out()
                .printf(
                        Locale.ROOT,
                        "%-16s %8s %s%s%n",
                        name,
                        text(here.get(key), unit),
                        label,
                        jvm == null ? "" : ", on the JVM " + text(jvm.get(key), unit));
    }

    private static String text(JsonNode figure, double unit) {
        return String.format(
                Locale.ROOT,
                "%.2f ± %.2f",
                figure.get("mean").doubleValue() / unit,
                figure.get("deviation").doubleValue() / unit);
    }
}
