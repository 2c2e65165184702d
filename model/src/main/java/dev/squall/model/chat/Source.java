package dev.squall.model.chat;

/** A template's name and text; turns an offset into a located error. */
record Source(String name, String text) {
    /** Longest template that is read, in UTF-16 units: published ones stay under 20,000. */
    static final int MAX_LENGTH = 1 << 20;

    /** The text as Jinja reads it: line ends are {@code \n}, and one line end at the end of the file is not part of it. */
    static Source of(String name, String text) {
        if (text.length() > MAX_LENGTH) {
            throw new ChatTemplateException(
                    name, 1, 1, "template has " + text.length() + " characters, at most " + MAX_LENGTH + " are read");
        }
        String normal = text.replace("\r\n", "\n").replace('\r', '\n');
        return new Source(name, normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal);
    }

    ChatTemplateException error(int at, String problem) {
        int line = 1;
        int lineStart = 0;
        int end = Math.min(at, text.length());
        for (int i = 0; i < end; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new ChatTemplateException(name, line, end - lineStart + 1, problem);
    }
}
