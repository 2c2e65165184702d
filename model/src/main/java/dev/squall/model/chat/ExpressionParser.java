package dev.squall.model.chat;

import dev.squall.model.chat.Expression.Given;
import dev.squall.model.chat.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads expressions, one method for each level of precedence, from the loosest to the tightest. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> SUMS = Set.of("+", "-");
    private static final Set<String> TEXTS = Set.of("~");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
    private static final Set<String> POWERS = Set.of("**");
    private static final List<Set<String>> BINARY = List.of(SUMS, TEXTS, PRODUCTS, POWERS);

    private final TokenCursor tokens;

    ExpressionParser(TokenCursor tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        return expression(true);
    }

    /** Without a choice: what stands after {@code in}, where an {@code if} is the loop's filter. */
    Expression expression(boolean withChoice) {
        tokens.enter();
        Expression result = or();
        while (withChoice && tokens.peek().isName("if")) {
            int at = tokens.next().at();
            Expression condition = or();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            result = new Expression.Choice(at, condition, result, otherwise);
        }
        tokens.leave();
        return result;
    }

    /** An expression, or several with commas between: a tuple. */
    Expression tuple(boolean withChoice) {
        Expression first = expression(withChoice);
        if (!tokens.peek().is(",")) {
            return first;
        }
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.skip(",") && !endsTuple(tokens.peek())) {
            elements.add(expression(withChoice));
        }
        return new Expression.Sequence(first.at(), elements, true);
    }

    private static boolean endsTuple(Token token) {
        return token.is(")") || token.kind() == Kind.BLOCK_END || token.kind() == Kind.OUTPUT_END;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.peek().isName("or")) {
            left = new Expression.Logic(tokens.next().at(), false, left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.peek().isName("and")) {
            left = new Expression.Logic(tokens.next().at(), true, left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.peek().isName("not")) {
            return comparison();
        }
        int at = tokens.next().at();
        tokens.enter();
        Expression negated = new Expression.Not(at, not());
        tokens.leave();
        return negated;
    }

    private Expression comparison() {
        Expression first = binary(0);
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        int at = tokens.peek().at();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text()) || token.isName("in")) {
                operators.add(tokens.next().text());
            } else if (token.isName("not")) {
                tokens.next();
                tokens.expectName("in");
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Expression.Comparison(at, first, operators, others);
            }
            others.add(binary(0));
        }
    }

    private Expression binary(int level) {
        if (level == BINARY.size()) {
            return signed(true);
        }
        Expression left = binary(level + 1);
        while (tokens.peek().kind() == Kind.OPERATOR
                && BINARY.get(level).contains(tokens.peek().text())) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.at(), operator.text(), left, binary(level + 1));
        }
        return left;
    }

    /** A sign binds tighter than a filter: {@code -x|abs} is the filter of {@code -x}. */
    private Expression signed(boolean withFilters) {
        Expression result;
        if (tokens.peek().is("-") || tokens.peek().is("+")) {
            Token sign = tokens.next();
            tokens.enter();
            result = new Expression.Sign(sign.at(), sign.is("-"), signed(false));
            tokens.leave();
        } else {
            result = postfix(primary());
        }
        return withFilters ? filters(result) : result;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> name(token);
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                yield new Expression.Literal(token.at(), text.toString());
            }
            case INTEGER, FLOAT -> number(token);
            case OPERATOR ->
                switch (token.text()) {
                    case "(" -> {
                        Expression inner = tokens.peek().is(")")
                                ? new Expression.Sequence(token.at(), List.of(), true)
                                : tuple(true);
                        tokens.expect(")");
                        yield inner;
                    }
                    case "[" -> {
                        List<Expression> elements = new ArrayList<>();
                        commaSeparated("]", () -> elements.add(expression()));
                        yield new Expression.Sequence(token.at(), elements, false);
                    }
                    case "{" -> mapping(token);
                    default -> throw unexpected(token);
                };
            default -> throw unexpected(token);
        };
    }

    private ChatTemplateException unexpected(Token token) {
        return tokens.error(token, "found " + token.shown() + ", expected an expression");
    }

    private static Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(token.at(), true);
            case "false", "False" -> new Expression.Literal(token.at(), false);
            case "none", "None" -> new Expression.Literal(token.at(), null);
            default -> new Expression.Name(token.at(), token.text());
        };
    }

    private Expression number(Token token) {
        try {
            Object value = token.kind() == Kind.FLOAT
                    ? (Object) Double.parseDouble(token.text())
                    : (Object) Long.parseLong(token.text());
            return new Expression.Literal(token.at(), value);
        } catch (NumberFormatException e) {
            throw tokens.error(token, "number " + token.text() + " is out of range");
        }
    }

    private Expression mapping(Token token) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> entries = new ArrayList<>();
        commaSeparated("}", () -> {
            keys.add(expression());
            tokens.expect(":");
            entries.add(expression());
        });
        return new Expression.Mapping(token.at(), keys, entries);
    }

    /** Elements up to a closing bracket; a comma may follow the last. */
    private void commaSeparated(String close, Runnable element) {
        while (!tokens.skip(close)) {
            element.run();
            if (!tokens.peek().is(close)) {
                tokens.expect(",");
            }
        }
    }

    private Expression postfix(Expression of) {
        Expression result = of;
        while (true) {
            Token token = tokens.peek();
            if (tokens.skip(".")) {
                Token name = tokens.next();
                if (name.kind() == Kind.INTEGER) {
                    result = new Expression.Item(token.at(), result, number(name));
                } else if (name.kind() == Kind.NAME) {
                    result = new Expression.Attribute(token.at(), result, name.text());
                } else {
                    throw tokens.error(name, "found " + name.shown() + ", expected a name after '.'");
                }
            } else if (tokens.skip("[")) {
                result = subscript(token, result);
            } else if (token.is("(")) {
                result = new Expression.Call(token.at(), result, given());
            } else {
                return result;
            }
        }
    }

    private Expression subscript(Token open, Expression of) {
        Expression start = tokens.peek().is(":") ? null : expression();
        if (tokens.skip("]")) {
            return new Expression.Item(open.at(), of, start);
        }
        tokens.expect(":");
        Expression stop = tokens.peek().is(":") || tokens.peek().is("]") ? null : expression();
        Expression step = tokens.skip(":") && !tokens.peek().is("]") ? expression() : null;
        tokens.expect("]");
        return new Expression.Slice(open.at(), of, start, stop, step);
    }

    private Given given() {
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        tokens.expect("(");
        commaSeparated(")", () -> {
            Token token = tokens.peek();
            Expression value = expression();
            if (value instanceof Expression.Name name && tokens.skip("=")) {
                if (named.put(name.name(), expression()) != null) {
                    throw tokens.error(token, "argument '" + name.name() + "' given twice");
                }
            } else if (named.isEmpty()) {
                positional.add(value);
            } else {
                throw tokens.error(token, "argument by position after one by name");
            }
        });
        return new Given(positional, named);
    }

    private Expression filters(Expression of) {
        Expression result = of;
        while (true) {
            Token token = tokens.peek();
            if (tokens.skip("|")) {
                Token name = tokens.expect(Kind.NAME, "the name of a filter");
                if (!Filters.NAMES.contains(name.text())) {
                    throw tokens.error(name, "unknown filter '" + name.text() + "'");
                }
                Given given = tokens.peek().is("(") ? given() : new Given(List.of(), Map.of());
                result = new Expression.Filter(name.at(), result, name.text(), given);
            } else if (tokens.skipName("is")) {
                result = test(result);
            } else if (token.is("(")) {
                result = new Expression.Call(token.at(), result, given());
            } else {
                return result;
            }
        }
    }

    private Expression test(Expression of) {
        Token not = tokens.peek();
        boolean negated = tokens.skipName("not");
        Token name = tokens.expect(Kind.NAME, "the name of a test");
        if (!ValueTests.NAMES.contains(name.text())) {
            throw tokens.error(name, "unknown test '" + name.text() + "'");
        }
        Given given = new Given(List.of(), Map.of());
        Token next = tokens.peek();
        if (next.isName("is")) {
            throw tokens.error(next, "a test of a test");
        }
        if (next.is("(")) {
            given = given();
        } else if (startsOperand(next)) {
            given = new Given(List.of(postfix(primary())), Map.of());
        }
        Expression test = new Expression.Test(name.at(), of, name.text(), given);
        return negated ? new Expression.Not(not.at(), test) : test;
    }

    private static boolean startsOperand(Token token) {
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.is("[") || token.is("{");
            case NAME -> !Set.of("and", "or", "not", "else", "if", "in", "is").contains(token.text());
            default -> false;
        };
    }
}
