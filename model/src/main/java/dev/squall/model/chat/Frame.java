package dev.squall.model.chat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names in sight at one place of a running template; loops and macros open frames of their own. */
final class Frame {
    /** What all frames of one rendering share. */
    private static final class Run {
        final Source source;
        final Budget budget = new Budget();
        StringBuilder out = new StringBuilder();

        Run(Source source) {
            this.source = source;
        }
    }

    private final Run run;
    private final Frame outer;
    private final Map<String, Object> names;

    private Frame(Run run, Frame outer, Map<String, Object> names) {
        this.run = run;
        this.outer = outer;
        this.names = names;
    }

    static Frame first(Source source, Map<String, Object> names) {
        return new Frame(new Run(source), null, new HashMap<>(names));
    }

    Frame inner() {
        return new Frame(run, this, new HashMap<>());
    }

    Budget budget() {
        return run.budget;
    }

    Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            if (frame.names.containsKey(name)) {
                return frame.names.get(name);
            }
        }
        return new Values.Undefined("'" + name + "'");
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    Object value(Expression expression) {
        try {
            run.budget.enter();
            Object value = expression.value(this);
            run.budget.leave();
            return value;
        } catch (Fault fault) {
            throw run.source.error(expression.at(), fault.getMessage());
        }
    }

    boolean truth(Expression expression) {
        return Values.truth(value(expression));
    }

    Statement.Flow run(List<Statement> statements) {
        for (Statement statement : statements) {
            try {
                run.budget.enter();
                Statement.Flow flow = statement.run(this);
                run.budget.leave();
                if (flow != Statement.Flow.NEXT) {
                    return flow;
                }
            } catch (Fault fault) {
                throw run.source.error(statement.at(), fault.getMessage());
            }
        }
        return Statement.Flow.NEXT;
    }

    void write(String text) {
        run.budget.append(run.out, text);
    }

    /** What the statements write, instead of writing it. */
    String capture(List<Statement> statements) {
        StringBuilder around = run.out;
        run.out = new StringBuilder();
        try {
            run(statements);
            return run.out.toString();
        } finally {
            run.out = around;
        }
    }
}
