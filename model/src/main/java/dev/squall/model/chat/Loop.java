package dev.squall.model.chat;

import java.util.List;
import java.util.Set;

/** The variable {@code loop} inside a for: where it stands among the elements that passed the loop's filter. */
record Loop(List<?> elements, int index) {
    private static final Set<String> NAMES = Set.of(
            "index",
            "index0",
            "revindex",
            "revindex0",
            "first",
            "last",
            "length",
            "previtem",
            "nextitem",
            "depth",
            "depth0",
            "cycle");

    boolean has(String name) {
        return NAMES.contains(name);
    }

    Object attribute(String name) {
        int size = elements.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) size - index;
            case "revindex0" -> size - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == size - 1;
            case "length" -> (long) size;
            case "previtem" -> index == 0 ? new Values.Undefined("loop.previtem") : elements.get(index - 1);
            case "nextitem" -> index == size - 1 ? new Values.Undefined("loop.nextitem") : elements.get(index + 1);
            case "depth" -> 1L; // only recursive loops, which are not supported, go deeper
            case "depth0" -> 0L;
            default ->
                (Values.Function) arguments -> {
                    List<Object> cycle = arguments.positional();
                    if (cycle.isEmpty()) {
                        throw new Fault("loop.cycle has nothing to cycle through");
                    }
                    return cycle.get(index % cycle.size());
                };
        };
    }
}
