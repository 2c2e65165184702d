package dev.squall.model.chat;

import dev.squall.model.chat.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens, with the white-space rules that Hugging Face sets for chat templates: the line end after
 * a block or comment goes ({@code trim_blocks}), and so do blanks between the start of a line and a block or comment
 * ({@code lstrip_blocks}); a {@code -} at a tag takes all white space on its side, a {@code +} keeps it.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ","
    };

    private final Source source;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean lineStarts = true;

    private Lexer(Source source) {
        this.source = source;
        this.text = source.text();
    }

    static List<Token> tokens(Source source) {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < text.length()) {
            int tag = nextTag();
            plainText(tag);
            if (tag < text.length()) {
                tag(text.charAt(tag + 1));
            }
        }
        tokens.add(new Token(Kind.END, "", at));
    }

    private int nextTag() {
        for (int i = text.indexOf('{', at); i >= 0 && i + 1 < text.length(); i = text.indexOf('{', i + 1)) {
            char c = text.charAt(i + 1);
            if (c == '{' || c == '%' || c == '#') {
                return i;
            }
        }
        return text.length();
    }

    /** The text from here to a tag, without the white space that the tag takes from it. */
    private void plainText(int tag) {
        int end = tag;
        if (tag < text.length()) {
            char sign = tag + 2 < text.length() ? text.charAt(tag + 2) : ' ';
            if (sign == '-') {
                while (end > at && Text.isSpace(text.charAt(end - 1))) {
                    end--;
                }
            } else if (sign != '+' && text.charAt(tag + 1) != '{') {
                int blanks = end;
                while (blanks > at && text.charAt(blanks - 1) != '\n' && Text.isSpace(text.charAt(blanks - 1))) {
                    blanks--;
                }
                if (blanks > at ? text.charAt(blanks - 1) == '\n' : lineStarts) {
                    end = blanks;
                }
            }
        }
        if (end > at) {
            tokens.add(new Token(Kind.TEXT, text.substring(at, end), at));
        }
        at = tag;
    }

    private void tag(char kind) {
        int begin = at;
        at += 2;
        if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+' && kind != '{')) {
            at++;
        }
        if (kind == '#') {
            int end = text.indexOf("#}", at);
            if (end < 0) {
                throw source.error(begin, "comment without its #}");
            }
            char sign = end > at ? text.charAt(end - 1) : ' ';
            at = end + 2;
            afterTag(sign, true);
            return;
        }
        boolean output = kind == '{';
        tokens.add(new Token(output ? Kind.OUTPUT_BEGIN : Kind.BLOCK_BEGIN, text.substring(begin, at), begin));
        insideTag(begin, output ? "}}" : "%}", output);
    }

    private void insideTag(int begin, String close, boolean output) {
        Deque<String> open = new ArrayDeque<>();
        while (true) {
            while (at < text.length() && Text.isSpace(text.charAt(at))) {
                at++;
            }
            if (at >= text.length()) {
                throw source.error(begin, "tag without its " + close);
            }
            char c = text.charAt(at);
            if (open.isEmpty()) {
                boolean signed = c == '-' || c == '+' && !output;
                if (text.startsWith(close, signed ? at + 1 : at)) {
                    tokens.add(new Token(output ? Kind.OUTPUT_END : Kind.BLOCK_END, close, at));
                    at += signed ? 3 : 2;
                    afterTag(signed ? c : ' ', !output);
                    return;
                }
            }
            if (c == '\'' || c == '"') {
                string(c);
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
                int start = at;
                while (at < text.length() && Character.isUnicodeIdentifierPart(text.charAt(at))) {
                    at++;
                }
                tokens.add(new Token(Kind.NAME, text.substring(start, at), start));
            } else {
                operator(open);
            }
        }
    }

    private void afterTag(char sign, boolean trimLineEnd) {
        int from = at;
        if (sign == '-') {
            while (at < text.length() && Text.isSpace(text.charAt(at))) {
                at++;
            }
        } else if (sign != '+' && trimLineEnd && at < text.length() && text.charAt(at) == '\n') {
            at++;
        }
        lineStarts = at > from && text.charAt(at - 1) == '\n';
    }

    private void operator(Deque<String> open) {
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, at)) {
                switch (operator) {
                    case "(" -> open.push(")");
                    case "[" -> open.push("]");
                    case "{" -> open.push("}");
                    case ")", "]", "}" -> {
                        if (!operator.equals(open.poll())) {
                            throw source.error(at, "unexpected '" + operator + "'");
                        }
                    }
                    default -> {}
                }
                tokens.add(new Token(Kind.OPERATOR, operator, at));
                at += operator.length();
                return;
            }
        }
        throw source.error(at, "unexpected character '" + text.charAt(at) + "'");
    }

    private void number() {
        int start = at;
        digits();
        boolean real = false;
        if (at + 1 < text.length() && text.charAt(at) == '.' && Character.digit(text.charAt(at + 1), 10) >= 0) {
            real = true;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            real = true;
            at++;
            if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            digits();
        }
        tokens.add(new Token(real ? Kind.FLOAT : Kind.INTEGER, text.substring(start, at), start));
    }

    private void digits() {
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
    }

    private void string(char quote) {
        int start = at;
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote) {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length()) {
            throw source.error(start, "string without its closing " + quote);
        }
        try {
            tokens.add(new Token(Kind.STRING, Text.unescape(text.substring(start + 1, end)), start));
        } catch (Fault fault) {
            throw source.error(start, fault.getMessage());
        }
        at = end + 1;
    }
}
