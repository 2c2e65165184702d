package dev.squall.classification;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The tables {@code temp.txt} of the published PTR data: a line a class, {@code tag TAB class TAB word TAB ...}, of five words
 * for {@code the [1] HEAD [2] [3] [4] the [5] TAIL}, or three for {@code the [1] HEAD was [2] to the [3] TAIL}. Beside it lies
 * {@code rel2id.json}, which numbers the classes. The tag is not used.
 */
public final class RuleTable {
    private static final List<String> NEGATIVES = List.of("no_relation", "NA", "Other"); // of the published sets

    private RuleTable() {}

    /** As {@link #read(Path, Path, String)}, with the rel2id.json beside it and the published name of no answer, if it has one. */
    public static Rules read(Path table) {
        Path ids = table.resolveSibling("rel2id.json");
        List<String> labels = labels(ids);
        String negative =
                NEGATIVES.stream().filter(labels::contains).findFirst().orElse(null);
        return read(table, ids, negative);
    }

    /**
     * Reads a table.
     *
     * @param negative the class that stands for no answer, null for none
     * @throws ModelFileException if lines differ in length or have neither three nor five words, or the two files do not have
     *     the same classes
     */
    public static Rules read(Path table, Path ids, String negative) {
        Map<String, String[]> rows = new LinkedHashMap<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(table);
        } catch (IOException e) {
            throw new ModelFileException(table, "file", e.toString(), "a text in UTF-8", e);
        }
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            String[] cells = lines.get(i).strip().split("\t");
            if (cells.length != 5 && cells.length != 7) {
                throw new ModelFileException(
                        table, "line " + (i + 1), cells.length + " cells", "a tag, a class and three or five words");
            }
            if (!rows.isEmpty() && rows.values().iterator().next().length != cells.length) {
                throw new ModelFileException(table, "line " + (i + 1), cells.length + " cells", "as many as above");
            }
            if (rows.put(cells[1], cells) != null) {
                throw new ModelFileException(table, "line " + (i + 1), "class " + cells[1] + " again", "it once");
            }
        }
        boolean five = !rows.isEmpty() && rows.values().iterator().next().length == 7;
        Rules.Builder rules = Rules.builder(table.getFileName().toString())
                .function("subject", "the <mask> {head}")
                .function("link", five ? "<mask> <mask> <mask>" : "was <mask> to")
                .function("object", "the <mask> {tail}")
                .negative(negative);
        for (String label : labels(ids)) {
            String[] cells = rows.remove(label);
            if (cells == null) {
                throw new ModelFileException(table, "class " + label, "nothing", "a line, as " + ids + " has it");
            }
            String link = five ? String.join(" ", cells[3], cells[4], cells[5]) : cells[3];
            rules.label(label, cells[2], link, cells[cells.length - 1]);
        }
        if (!rows.isEmpty()) {
            throw new ModelFileException(table, "classes", rows.keySet().toString(), "only those of " + ids);
        }
        return rules.build();
    }

    /**
     * The labels of a file {@code rel2id.json} in the order of their numbers.
     *
     * @throws ModelFileException if the numbers are not 0 to one less than their count, each once
     */
    public static List<String> labels(Path ids) {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        JsonFiles.object(ids).properties().forEach(each -> all.put(each.getKey(), each.getValue()));
        String[] labels = new String[all.size()];
        all.forEach((label, id) -> {
            if (!id.isIntegralNumber()
                    || !id.canConvertToInt()
                    || id.intValue() < 0
                    || id.intValue() >= labels.length
                    || labels[id.intValue()] != null) {
                throw new ModelFileException(
                        ids, label, id.toString(), "a number of its own from 0 to " + (labels.length - 1));
            }
            labels[id.intValue()] = label;
        });
        return List.of(labels);
    }
}
