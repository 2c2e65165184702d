package dev.squall.model.chat;

/**
 * One token of a template.
 *
 * @param kind what it is
 * @param text text of the template outside tags, a name, an operator, a literal (strings already unescaped)
 * @param at offset in the source
 */
record Token(Kind kind, String text, int at) {
    enum Kind {
        TEXT,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case BLOCK_END -> "%}";
            case OUTPUT_END -> "}}";
            default -> "'" + text + "'";
        };
    }
}
