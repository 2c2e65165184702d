package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's operators on the values of a template. */
final class Operators {
    private Operators() {}

    static Object binary(String operator, Object a, Object b, Budget budget) {
        return switch (operator) {
            case "+" -> add(a, b, budget);
            case "~" -> concatenate(Writer.text(a, budget), Writer.text(b, budget), budget);
            case "*" -> multiply(a, b, budget);
            case "-", "/", "//", "%", "**" -> arithmetic(operator, a, b);
            default -> compare(operator, a, b, budget);
        };
    }

    private static Object add(Object a, Object b, Budget budget) {
        if (a instanceof String left && b instanceof String right) {
            return concatenate(left, right, budget);
        }
        if (a instanceof List<?> left && b instanceof List<?> right) {
            budget.charge((long) left.size() + right.size());
            if (left.size() + right.size() > Budget.MAX_RANGE) {
                throw new Fault("list of more than " + Budget.MAX_RANGE + " elements");
            }
            List<Object> sum = new ArrayList<>(left);
            sum.addAll(right);
            return left instanceof Values.Tuple ? new Values.Tuple(sum) : sum;
        }
        return arithmetic("+", a, b);
    }

    private static String concatenate(String a, String b, Budget budget) {
        StringBuilder sum = new StringBuilder();
        budget.append(sum, a);
        budget.append(sum, b);
        return sum.toString();
    }

    private static Object multiply(Object a, Object b, Budget budget) {
        if (a instanceof Long && b instanceof String) {
            return multiply(b, a, budget);
        }
        if (a instanceof String text && b instanceof Long times) {
            StringBuilder product = new StringBuilder();
            for (long i = 0; i < times && !text.isEmpty(); i++) {
                budget.charge(1);
                budget.append(product, text);
            }
            return product.toString();
        }
        return arithmetic("*", a, b);
    }

    private static Object arithmetic(String operator, Object a, Object b) {
        Object left = number(operator, a, a, b);
        Object right = number(operator, b, a, b);
        if (left instanceof Long x && right instanceof Long y && !operator.equals("/")) {
            return whole(operator, x, y);
        }
        double x = ((Number) left).doubleValue();
        double y = ((Number) right).doubleValue();
        if (y == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new Fault("division by zero");
        }
        return switch (operator) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "/" -> x / y;
            case "//" -> Math.floor(x / y);
            case "%" -> x - y * Math.floor(x / y);
            default -> Math.pow(x, y);
        };
    }

    private static Object whole(String operator, long x, long y) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(x, y);
                case "-" -> Math.subtractExact(x, y);
                case "*" -> Math.multiplyExact(x, y);
                case "//" -> Math.floorDiv(x, y);
                case "%" -> Math.floorMod(x, y);
                default -> {
                    if (y < 0) {
                        yield Math.pow(x, y);
                    }
                    yield java.math.BigInteger.valueOf(x)
                            .pow((int) Math.min(y, 64)) // 2 to the 64th is over the range already
                            .longValueExact();
                }
            };
        } catch (ArithmeticException e) {
            throw new Fault(y == 0 ? "division by zero" : x + " " + operator + " " + y + " is out of the 64-bit range");
        }
    }

    private static Object number(String operator, Object value, Object a, Object b) {
        return switch (value) {
            case Long l -> l;
            case Double d -> d;
            case Boolean flag -> flag ? 1L : 0L;
            case null, default -> {
                if (a instanceof Values.Undefined undefined) {
                    throw undefined.fault();
                }
                if (b instanceof Values.Undefined undefined) {
                    throw undefined.fault();
                }
                throw new Fault(
                        "operator " + operator + " does not take " + Values.typeName(a) + " and " + Values.typeName(b));
            }
        };
    }

    static Object negate(Object value) {
        return arithmetic("-", 0L, value) instanceof Double d
                ? d == 0 ? -(Double) value : d
                : arithmetic("-", 0L, value);
    }

    static boolean compare(String operator, Object a, Object b, Budget budget) {
        return switch (operator) {
            case "==" -> equal(a, b, budget);
            case "!=" -> !equal(a, b, budget);
            case "in" -> contains(b, a, budget);
            case "not in" -> !contains(b, a, budget);
            case "<" -> order(a, b, budget) < 0;
            case "<=" -> order(a, b, budget) <= 0;
            case ">" -> order(a, b, budget) > 0;
            case ">=" -> order(a, b, budget) >= 0;
            default -> throw new Fault("unknown operator " + operator);
        };
    }

    static boolean equal(Object a, Object b, Budget budget) {
        if (a == b) {
            return true;
        }
        Object left = a instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : a;
        Object right = b instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : b;
        if (left instanceof Number x && right instanceof Number y) {
            return x instanceof Long && y instanceof Long ? x.equals(y) : x.doubleValue() == y.doubleValue();
        }
        if (left instanceof Values.Undefined && right instanceof Values.Undefined) {
            return true;
        }
        budget.enter();
        boolean equal;
        if (left instanceof List<?> x && right instanceof List<?> y) {
            equal = x.size() == y.size() && left instanceof Values.Tuple == right instanceof Values.Tuple;
            for (int i = 0; equal && i < x.size(); i++) {
                equal = equal(x.get(i), y.get(i), budget);
            }
        } else if (left instanceof Map<?, ?> x && right instanceof Map<?, ?> y) {
            equal = x.size() == y.size();
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                equal = equal
                        && y.containsKey(entry.getKey())
                        && equal(entry.getValue(), y.get(entry.getKey()), budget);
            }
        } else {
            equal = left instanceof String && left.equals(right);
        }
        budget.leave();
        return equal;
    }

    static int order(Object a, Object b, Budget budget) {
        if (a instanceof String x && b instanceof String y) {
            return java.util.Arrays.compare(
                    x.codePoints().toArray(), y.codePoints().toArray());
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            budget.enter();
            int order = 0;
            for (int i = 0; order == 0 && i < Math.min(x.size(), y.size()); i++) {
                order = equal(x.get(i), y.get(i), budget) ? 0 : order(x.get(i), y.get(i), budget);
            }
            budget.leave();
            return order != 0 ? order : Integer.compare(x.size(), y.size());
        }
        Object x = number("<", a, a, b);
        Object y = number("<", b, a, b);
        return x instanceof Long p && y instanceof Long q
                ? Long.compare(p, q)
                : Double.compare(((Number) x).doubleValue(), ((Number) y).doubleValue());
    }

    static boolean contains(Object container, Object element, Budget budget) {
        if (container instanceof String text) {
            if (!(element instanceof String part)) {
                throw new Fault("'in' a string asks for a string, not " + Values.typeName(element));
            }
            return text.contains(part);
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(element);
        }
        for (Object each : Values.elements(container, budget)) {
            if (equal(each, element, budget)) {
                return true;
            }
        }
        return false;
    }
}
