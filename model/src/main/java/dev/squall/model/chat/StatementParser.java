package dev.squall.model.chat;

import dev.squall.model.chat.Statement.Flow;
import dev.squall.model.chat.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the statements of a template. */
final class StatementParser {
    private static final Set<String> RESERVED =
            Set.of("true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else");

    private final TokenCursor tokens;
    private final ExpressionParser expressions;
    private int loops; // around this place, within the macro or block that it stands in

    private StatementParser(TokenCursor tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(Source source) {
        StatementParser parser = new StatementParser(new TokenCursor(source));
        return parser.statements();
    }

    /** Statements up to a tag that starts with one of these names, or to the end of the template without any. */
    private List<Statement> statements(String... enders) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case TEXT -> statements.add(new Statement.Plain(token.at(), token.text()));
                case OUTPUT_BEGIN -> {
                    statements.add(new Statement.Output(token.at(), expressions.tuple(true)));
                    tokens.expect(Kind.OUTPUT_END, "}}");
                }
                case BLOCK_BEGIN -> {
                    if (List.of(enders).contains(tokens.peek().text())) {
                        tokens.leave();
                        return statements;
                    }
                    statements.add(statement(token));
                }
                default -> {
                    if (enders.length > 0) {
                        throw tokens.error(
                                token, "found " + token.shown() + ", expected " + String.join(" or ", enders));
                    }
                    tokens.leave();
                    return statements;
                }
            }
        }
    }

    private Statement statement(Token begin) {
        Token keyword = tokens.expect(Kind.NAME, "a statement");
        return switch (keyword.text()) {
            case "if" -> ifStatement(begin);
            case "for" -> forStatement(begin);
            case "set" -> set(begin);
            case "macro" -> macro(begin);
            case "break", "continue" -> leave(begin, keyword);
            default -> throw tokens.error(keyword, "unknown statement '" + keyword.text() + "'");
        };
    }

    private void endTag() {
        tokens.expect(Kind.BLOCK_END, "%}");
    }

    private Statement ifStatement(Token begin) {
        List<Expression> conditions = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            conditions.add(expressions.tuple(false));
            endTag();
            bodies.add(statements("elif", "else", "endif"));
        } while (tokens.skipName("elif"));
        if (tokens.skipName("else")) {
            endTag();
            otherwise = statements("endif");
        }
        tokens.expectName("endif");
        endTag();
        return new Statement.If(begin.at(), conditions, bodies, otherwise);
    }

    private Statement forStatement(Token begin) {
        List<String> targets = targets();
        tokens.expectName("in");
        Expression of = expressions.tuple(false);
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        endTag();
        loops++;
        List<Statement> body = statements("else", "endfor");
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            endTag();
            otherwise = statements("endfor");
        }
        tokens.expectName("endfor");
        endTag();
        return new Statement.For(begin.at(), targets, of, filter, body, otherwise);
    }

    private Statement set(Token begin) {
        List<String> targets = targets();
        if (targets.size() == 1 && tokens.skip(".")) {
            String name = tokens.expect(Kind.NAME, "a name").text();
            tokens.expect("=");
            Expression value = expressions.tuple(true);
            endTag();
            return new Statement.SetEntry(begin.at(), targets.getFirst(), name, value);
        }
        if (targets.size() == 1 && tokens.peek().kind() == Kind.BLOCK_END) {
            endTag();
            List<Statement> body = unlooped("endset");
            tokens.expectName("endset");
            endTag();
            return new Statement.SetBlock(begin.at(), targets.getFirst(), body);
        }
        tokens.expect("=");
        Expression value = expressions.tuple(true);
        endTag();
        return new Statement.Set(begin.at(), targets, value);
    }

    private Statement macro(Token begin) {
        String name = target();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        tokens.expect("(");
        while (!tokens.skip(")")) {
            parameters.add(target());
            defaults.add(tokens.skip("=") ? expressions.expression() : null);
            if (!tokens.peek().is(")")) {
                tokens.expect(",");
            }
        }
        endTag();
        List<Statement> body = unlooped("endmacro");
        tokens.expectName("endmacro");
        endTag();
        return new Statement.Macro(begin.at(), name, parameters, defaults, body);
    }

    private Statement leave(Token begin, Token keyword) {
        if (loops == 0) {
            throw tokens.error(keyword, "'" + keyword.text() + "' outside a loop");
        }
        endTag();
        return new Statement.Leave(begin.at(), keyword.text().equals("break") ? Flow.BREAK : Flow.CONTINUE);
    }

    /** The body of a macro or block, where the loops around are out of reach. */
    private List<Statement> unlooped(String ender) {
        int around = loops;
        loops = 0;
        List<Statement> body = statements(ender);
        loops = around;
        return body;
    }

    /** One name, or several with commas between, in round brackets or not. */
    private List<String> targets() {
        boolean brackets = tokens.skip("(");
        List<String> targets = new ArrayList<>(List.of(target()));
        while (tokens.skip(",")) {
            targets.add(target());
        }
        if (brackets) {
            tokens.expect(")");
        }
        return targets;
    }

    private String target() {
        Token name = tokens.expect(Kind.NAME, "a name");
        if (RESERVED.contains(name.text())) {
            throw tokens.error(name, "'" + name.text() + "' cannot be assigned to");
        }
        return name.text();
    }
}
