package dev.squall.tornado.lint;

import dev.squall.tornado.lint.KernelLint.Body;
import dev.squall.tornado.lint.KernelLint.Step;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rule for loops: exactly one exit test, the header's, of conditions that are joined by {@code &&}; what is found inside is
 * kept in a variable that the header tests.
 *
 * <p>A loop is what lies between a backward branch and its target. Its header is what comes before its first effect (a store,
 * an increment, a call without a result).
 */
final class Loops {
    private static final String ONE_EXIT =
            "one exit test, the header's, joined by &&; keep what is found in a variable that the"
                    + " header tests: for (j = 0; j < n && r < 0; j++)";

    /** The instructions [first, last], the last of which branches back to the first. */
    private record Loop(int first, int last) {
        boolean has(int index) {
            return first <= index && index <= last;
        }
    }

    private final KernelLint lint;
    private final Body body;
    private final List<Step> steps;
    private final List<Loop> loops = new ArrayList<>();

    Loops(KernelLint lint, Body body) {
        this.lint = lint;
        this.body = body;
        this.steps = body.steps();
    }

    void check() {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).instruction() instanceof BranchInstruction branch && body.target(branch.target()) <= i) {
                add(new Loop(body.target(branch.target()), i));
            }
        }
        loops.forEach(this::checkExits);
        checkReturns();
        for (int i = 0; i < steps.size(); i++) {
            checkArms(i);
        }
    }

    /** A {@code continue} branches back too: the longest of the loops with one beginning is the loop. */
    private void add(Loop loop) {
        loops.removeIf(other -> other.first == loop.first);
        loops.add(loop);
    }

    private void checkExits(Loop loop) {
        int header = loop.first;
        while (header <= loop.last && !hasEffect(steps.get(header).instruction())) {
            header++;
        }
        int joined = -1; // a branch in the header that stays in the loop
        for (int i = loop.first; i <= loop.last; i++) {
            if (!(steps.get(i).instruction() instanceof BranchInstruction branch)) {
                continue;
            }
            int target = body.target(branch.target());
            if (loop.has(target)) {
                joined = joined < 0 && i < header && target > i ? i : joined;
            } else if (i > header) {
                lint.report(body.method(), steps.get(i).line(), "a loop with a second exit", ONE_EXIT);
            } else if (joined >= 0
                    && body.target(((BranchInstruction) steps.get(joined).instruction()).target()) > i) {
                lint.report(body.method(), steps.get(i).line(), "|| in the header of a loop", "flags joined by |");
            }
        }
    }

    private static boolean hasEffect(Instruction instruction) {
        return instruction instanceof StoreInstruction
                || instruction instanceof IncrementInstruction
                || instruction instanceof ArrayStoreInstruction
                || instruction instanceof ReturnInstruction
                || instruction instanceof InvokeInstruction call
                        && call.type().stringValue().endsWith(")V");
    }

    /** Only a kernel with a context may return from a loop, and only from one that lies in no other. */
    private void checkReturns() {
        for (int i = 0; i < steps.size(); i++) {
            int at = i;
            if (steps.get(i).instruction() instanceof ReturnInstruction) {
                long depth = loops.stream().filter(loop -> loop.has(at)).count();
                if (depth > (body.kernel() && body.context() ? 1 : 0)) {
                    lint.report(body.method(), steps.get(i).line(), "return in a loop", ONE_EXIT);
                }
            }
        }
    }

    /** Both arms of an if compute the same variable in a loop, and it is used afterwards. */
    private void checkArms(int at) {
        if (!(steps.get(at).instruction() instanceof BranchInstruction branch) || isGoto(branch)) {
            return;
        }
        int second = body.target(branch.target());
        if (second <= at + 1
                || !(steps.get(second - 1).instruction() instanceof BranchInstruction end)
                || !isGoto(end)) {
            return;
        }
        int after = body.target(end.target());
        if (after <= second) {
            return;
        }
        Set<Integer> variables = storedInLoops(at + 1, second);
        variables.retainAll(storedInLoops(second, after));
        for (int i = after; i < steps.size(); i++) {
            if (steps.get(i).instruction() instanceof LoadInstruction load && variables.contains(load.slot())) {
                lint.report(
                        body.method(),
                        steps.get(at).line(),
                        "a variable that is computed by a loop in each arm of an if",
                        "choose the bounds first and write one loop");
                return;
            }
        }
    }

    private Set<Integer> storedInLoops(int from, int to) {
        Set<Integer> slots = new HashSet<>();
        for (Loop loop : loops) {
            for (int i = loop.first; from <= loop.first && loop.last < to && i <= loop.last; i++) {
                if (steps.get(i).instruction() instanceof StoreInstruction store) {
                    slots.add(store.slot());
                }
            }
        }
        return slots;
    }

    private static boolean isGoto(BranchInstruction branch) {
        return branch.opcode() == Opcode.GOTO || branch.opcode() == Opcode.GOTO_W;
    }
}
