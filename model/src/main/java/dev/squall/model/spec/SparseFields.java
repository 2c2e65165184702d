package dev.squall.model.spec;

import dev.squall.attention.SparseConfig;
import dev.squall.model.format.ModelFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads {@code sparse_config}. */
final class SparseFields {
    private static final Set<String> KNOWN = Set.of(
            "kernel_size",
            "kernel_stride",
            "init_blocks",
            "block_size",
            "window_size",
            "topk",
            "use_nope",
            "dense_len");

    private SparseFields() {}

    static Optional<SparseConfig> read(Path file, JsonNode config) {
        JsonNode fields = config.path("sparse_config");
        if (fields.isMissingNode() || fields.isNull()) {
            return Optional.empty();
        }
        if (!fields.isObject()) {
            throw new ModelFileException(file, "sparse_config", fields.toString(), "an object");
        }
        for (String name : fields.propertyNames()) {
            if (!KNOWN.contains(name)) {
                throw new ModelFileException(
                        file, "sparse_config." + name, fields.get(name).toString(), "no such field");
            }
        }
        if (fields.path("use_nope").asBoolean(false)) {
            throw new ModelFileException(
                    file, "sparse_config.use_nope", "true", "false: blocks are chosen by rotated keys");
        }
        SparseConfig otherwise = SparseConfig.defaults();
        try {
            return Optional.of(new SparseConfig(
                    integer(file, fields, "kernel_size", otherwise.kernelSize()),
                    integer(file, fields, "kernel_stride", otherwise.kernelStride()),
                    integer(file, fields, "init_blocks", otherwise.initBlocks()),
                    integer(file, fields, "block_size", otherwise.blockSize()),
                    integer(file, fields, "window_size", otherwise.windowSize()),
                    integer(file, fields, "topk", otherwise.topk()),
                    integer(file, fields, "dense_len", otherwise.denseLength()),
                    otherwise.exact()));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file, "sparse_config", e.getMessage(), "possible numbers", e);
        }
    }

    private static int integer(Path file, JsonNode fields, String name, int otherwise) {
        JsonNode node = fields.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new ModelFileException(file, "sparse_config." + name, node.toString(), "an integer");
        }
        return node.intValue();
    }
}
