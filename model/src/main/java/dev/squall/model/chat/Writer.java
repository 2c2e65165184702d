package dev.squall.model.chat;

import java.util.List;
import java.util.Map;

/** Values written out as Python's {@code str()} writes them. */
final class Writer {
    private final StringBuilder out = new StringBuilder();
    private final Budget budget;

    private Writer(Budget budget) {
        this.budget = budget;
    }

    static String text(Object value, Budget budget) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Values.Undefined) {
            return "";
        }
        Writer writer = new Writer(budget);
        writer.write(value);
        return writer.out.toString();
    }

    private void write(Object value) {
        budget.enter();
        switch (value) {
            case null -> append("None");
            case Boolean b -> append(b ? "True" : "False");
            case Long l -> append(l.toString());
            case Double d -> append(Text.number(d));
            case String s -> Text.quote(s, out, budget);
            case List<?> list -> {
                boolean tuple = list instanceof Values.Tuple;
                append(tuple ? "(" : "[");
                for (int i = 0; i < list.size(); i++) {
                    append(i == 0 ? "" : ", ");
                    write(list.get(i));
                }
                append(tuple ? (list.size() == 1 ? ",)" : ")") : "]");
            }
            case Map<?, ?> map -> {
                append("{");
                String between = "";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    append(between);
                    write(entry.getKey());
                    append(": ");
                    write(entry.getValue());
                    between = ", ";
                }
                append("}");
            }
            default -> throw new Fault(Values.typeName(value) + " cannot be written as text");
        }
        budget.leave();
    }

    private void append(String part) {
        budget.append(out, part);
    }
}
