package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An expression of a template. {@link Frame#value} evaluates it; {@code at} is its offset in the source. */
sealed interface Expression {
    int at();

    Object value(Frame frame);

    record Literal(int at, Object constant) implements Expression {
        @Override
        public Object value(Frame frame) {
            return constant;
        }
    }

    record Name(int at, String name) implements Expression {
        @Override
        public Object value(Frame frame) {
            return frame.get(name);
        }
    }

    record Sequence(int at, List<Expression> elements, boolean tuple) implements Expression {
        @Override
        public Object value(Frame frame) {
            List<Object> values = new ArrayList<>(elements.size());
            elements.forEach(element -> values.add(frame.value(element)));
            return tuple ? new Values.Tuple(values) : values;
        }
    }

    record Mapping(int at, List<Expression> keys, List<Expression> entries) implements Expression {
        @Override
        public Object value(Frame frame) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                map.put(frame.value(keys.get(i)), frame.value(entries.get(i)));
            }
            return map;
        }
    }

    record Attribute(int at, Expression of, String name) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Values.attribute(frame.value(of), name);
        }
    }

    record Item(int at, Expression of, Expression key) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Values.item(frame.value(of), frame.value(key));
        }
    }

    /** Bounds are null where left out. */
    record Slice(int at, Expression of, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = frame.value(of);
            if (value instanceof Values.Undefined undefined) {
                throw undefined.fault();
            }
            frame.budget().charge(value instanceof String || value instanceof List<?> ? Values.length(value) : 0);
            return Values.slice(value, bound(frame, start), bound(frame, stop), bound(frame, step));
        }

        private static Long bound(Frame frame, Expression bound) {
            Object value = bound == null ? null : frame.value(bound);
            if (value != null && !(value instanceof Long)) {
                throw new Fault("slice bound is " + Values.typeName(value) + ", expected an integer");
            }
            return (Long) value;
        }
    }

    /** {@code + - * / // % ** ~}. */
    record Binary(int at, String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Operators.binary(operator, frame.value(left), frame.value(right), frame.budget());
        }
    }

    /** {@code a < b <= c}: true when every neighbouring pair is; stops at the first that is not. */
    record Comparison(int at, Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object left = frame.value(first);
            for (int i = 0; i < operators.size(); i++) {
                Object right = frame.value(others.get(i));
                if (!Operators.compare(operators.get(i), left, right, frame.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code and}, {@code or}: the value that decides, as in Python. */
    record Logic(int at, boolean and, Expression left, Expression right) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = frame.value(left);
            return Values.truth(value) == and ? frame.value(right) : value;
        }
    }

    record Not(int at, Expression of) implements Expression {
        @Override
        public Object value(Frame frame) {
            return !frame.truth(of);
        }
    }

    record Sign(int at, boolean negative, Expression of) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = frame.value(of);
            return negative ? Operators.negate(value) : Operators.binary("+", 0L, value, frame.budget());
        }
    }

    /** {@code then if condition else otherwise}; {@code otherwise} is null where left out. */
    record Choice(int at, Expression condition, Expression then, Expression otherwise) implements Expression {
        @Override
        public Object value(Frame frame) {
            if (frame.truth(condition)) {
                return frame.value(then);
            }
            return otherwise == null ? new Values.Undefined("the else of an inline if") : frame.value(otherwise);
        }
    }

    record Given(List<Expression> positional, Map<String, Expression> named) {
        Arguments values(Frame frame) {
            List<Object> values = new ArrayList<>(positional.size());
            positional.forEach(argument -> values.add(frame.value(argument)));
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, argument) -> byName.put(name, frame.value(argument)));
            return new Arguments(values, byName);
        }
    }

    record Call(int at, Expression of, Given given) implements Expression {
        @Override
        public Object value(Frame frame) {
            return switch (frame.value(of)) {
                case Values.Function function -> function.call(given.values(frame));
                case Methods.Bound method -> method.call(given.values(frame), frame.budget());
                case Values.Undefined undefined -> throw undefined.fault();
                case null -> throw new Fault("none cannot be called");
                case Object other -> throw new Fault(Values.typeName(other) + " cannot be called");
            };
        }
    }

    record Filter(int at, Expression of, String name, Given given) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Filters.apply(name, frame.value(of), given.values(frame), frame.budget());
        }
    }

    record Test(int at, Expression of, String name, Given given) implements Expression {
        @Override
        public Object value(Frame frame) {
            return ValueTests.holds(name, frame.value(of), given.values(frame), frame.budget());
        }
    }
}
