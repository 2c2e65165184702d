package dev.squall.app;

import dev.squall.ModelInfo;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall info}: what a model's files say. */
@Command(name = "info", description = "Tells what a model's files say, without loading the model.")
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ModelInfo info = ModelInfo.read(model.path());
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("path", info.path().toString());
        object.put("format", info.format());
        object.put("family", info.family());
        object.put("parameters", info.parameters());
        object.put("bytes", info.bytes());
        object.put("bytesPerToken", info.bytesPerToken());
        object.put("layers", info.layers());
        object.put("dim", info.dim());
        object.put("hidden", info.hidden());
        object.put("heads", info.heads());
        object.put("kvHeads", info.kvHeads());
        object.put("headDim", info.headDim());
        object.put("vocabulary", info.vocabulary());
        object.put("contextLength", info.contextLength());
        object.put("tiedHead", info.tiedHead());
        object.put("tensorTypes", info.tensorTypes());
        info.sampling().ifPresent(sampling -> object.put("sampling", sampling));
        if (json) {
            console.json(object);
        } else {
            object.forEach((name, value) -> console.out().printf(Locale.ROOT, "%-14s %s%n", name, value));
        }
        return 0;
    }
}
