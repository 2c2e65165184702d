package dev.squall.model.chat;

import dev.squall.model.chat.Token.Kind;
import java.util.List;

/** Where a parser stands among the tokens, and how deep. */
final class TokenCursor {
    /** Nested brackets, operators and blocks that are parsed; published templates stay under 20. */
    private static final int MAX_DEPTH = 150;

    private final Source source;
    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenCursor(Source source) {
        this.source = source;
        this.tokens = Lexer.tokens(source);
    }

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean skip(String operator) {
        return skip(peek().is(operator));
    }

    boolean skipName(String name) {
        return skip(peek().isName(name));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            at++;
        }
        return matches;
    }

    Token expect(String operator) {
        return expect(peek().is(operator), "'" + operator + "'");
    }

    Token expectName(String name) {
        return expect(peek().isName(name), "'" + name + "'");
    }

    Token expect(Kind kind, String shown) {
        return expect(peek().kind() == kind, shown);
    }

    private Token expect(boolean matches, String shown) {
        if (!matches) {
            throw error(peek(), "found " + peek().shown() + ", expected " + shown);
        }
        return next();
    }

    ChatTemplateException error(Token token, String problem) {
        return source.error(token.at(), problem);
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw error(peek(), "nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
