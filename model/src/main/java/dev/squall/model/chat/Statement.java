package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.List;

/** A statement of a template. {@link Frame#run} runs it; {@code at} is its offset in the source. */
sealed interface Statement {
    int at();

    Flow run(Frame frame);

    /** How a statement ended: go on, or leave this pass of the loop, or the loop. */
    enum Flow {
        NEXT,
        CONTINUE,
        BREAK
    }

    /** {@code break} and {@code continue}. */
    record Leave(int at, Flow flow) implements Statement {
        @Override
        public Flow run(Frame frame) {
            return flow;
        }
    }

    record Plain(int at, String text) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.write(text);
            return Flow.NEXT;
        }
    }

    record Output(int at, Expression of) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.write(Writer.text(frame.value(of), frame.budget()));
            return Flow.NEXT;
        }
    }

    /** if, elif, …: the body of the first condition that holds, else {@code otherwise}. */
    record If(int at, List<Expression> conditions, List<List<Statement>> bodies, List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            for (int i = 0; i < conditions.size(); i++) {
                if (frame.truth(conditions.get(i))) {
                    return frame.run(bodies.get(i));
                }
            }
            return frame.run(otherwise);
        }
    }

    /** {@code filter} is null where left out; {@code otherwise} runs if no element was visited. */
    record For(
            int at,
            List<String> targets,
            Expression of,
            Expression filter,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            List<?> elements = Values.elements(frame.value(of), frame.budget());
            if (filter != null) {
                List<Object> kept = new ArrayList<>();
                for (Object element : elements) {
                    Frame inner = frame.inner();
                    assign(inner, targets, element);
                    if (inner.truth(filter)) {
                        kept.add(element);
                    }
                }
                elements = kept;
            }
            for (int i = 0; i < elements.size(); i++) {
                frame.budget().charge(1);
                Frame inner = frame.inner();
                inner.set("loop", new Loop(elements, i));
                assign(inner, targets, elements.get(i));
                if (inner.run(body) == Flow.BREAK) {
                    return Flow.NEXT;
                }
            }
            return elements.isEmpty() ? frame.inner().run(otherwise) : Flow.NEXT;
        }
    }

    record Set(int at, List<String> targets, Expression value) implements Statement {
        @Override
        public Flow run(Frame frame) {
            assign(frame, targets, frame.value(value));
            return Flow.NEXT;
        }
    }

    /** {@code set namespace.name = value}. */
    record SetEntry(int at, String namespace, String name, Expression value) implements Statement {
        @Override
        public Flow run(Frame frame) {
            if (!(frame.get(namespace) instanceof Values.Namespace changed)) {
                throw new Fault("only a namespace can be changed, '" + namespace + "' is "
                        + Values.typeName(frame.get(namespace)));
            }
            changed.entries().put(name, frame.value(value));
            return Flow.NEXT;
        }
    }

    /** {@code set name} … {@code endset}: the name holds what the body writes. */
    record SetBlock(int at, String name, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.set(name, frame.inner().capture(body));
            return Flow.NEXT;
        }
    }

    /** {@code defaults} holds null for a parameter without one. */
    record Macro(int at, String name, List<String> parameters, List<Expression> defaults, List<Statement> body)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.set(name, (Values.Function) arguments -> call(frame, arguments));
            return Flow.NEXT;
        }

        private String call(Frame defining, Arguments arguments) {
            arguments.allow(parameters.size(), parameters.toArray(String[]::new));
            Frame inner = defining.inner();
            for (int i = 0; i < parameters.size(); i++) {
                String parameter = parameters.get(i);
                Object missing = defaults.get(i) == null
                        ? new Values.Undefined("parameter '" + parameter + "'")
                        : arguments.has(i, parameter) ? null : inner.value(defaults.get(i));
                inner.set(parameter, arguments.get(i, parameter, missing));
            }
            return inner.capture(body);
        }
    }

    private static void assign(Frame frame, List<String> targets, Object value) {
        if (targets.size() == 1) {
            frame.set(targets.getFirst(), value);
            return;
        }
        List<?> values = Values.elements(value, frame.budget());
        if (values.size() != targets.size()) {
            throw new Fault(values.size() + " values for " + targets.size() + " names");
        }
        for (int i = 0; i < targets.size(); i++) {
            frame.set(targets.get(i), values.get(i));
        }
    }
}
