package dev.squall.model.chat;

/** A chat template that cannot be parsed or rendered: the message names the template, the line and the column. */
public final class ChatTemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String template;
    private final int line;
    private final int column;

    ChatTemplateException(String template, int line, int column, String problem) {
        super(template + ":" + line + ":" + column + ": " + problem);
        this.template = template;
        this.line = line;
        this.column = column;
    }

    /** The template's name as given to {@link ChatTemplate}. */
    public String template() {
        return template;
    }

    /** Line of the offending construct, from 1. */
    public int line() {
        return line;
    }

    /** Column of the offending construct in UTF-16 units, from 1. */
    public int column() {
        return column;
    }
}
