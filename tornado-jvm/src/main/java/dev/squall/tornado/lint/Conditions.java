package dev.squall.tornado.lint;

import dev.squall.tornado.lint.KernelLint.Body;
import dev.squall.tornado.lint.KernelLint.Step;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.util.List;

/**
 * Conditions that are made a value, a boolean or the 1 or 0 of {@code c ? 1 : 0}: with an {@code ||} behind an {@code &&} the
 * variables of a loop that it chooses come out as something else on a device. Straight code has been seen to come out right;
 * it is refused as well.
 *
 * <p>Such a value is {@code 1, goto end, 0} in bytecode, and the tests in front of it branch to the 1 or to the 0. In
 * {@code a && (b || c)} the first test can only lead to the 0, and a later one leads to the 1.
 */
final class Conditions {
    private final KernelLint lint;
    private final Body body;
    private final List<Step> steps;

    Conditions(KernelLint lint, Body body) {
        this.lint = lint;
        this.body = body;
        this.steps = body.steps();
    }

    void check() {
        for (int i = 0; i + 2 < steps.size(); i++) {
            if (opcode(i) == Opcode.ICONST_1 && opcode(i + 1) == Opcode.GOTO && opcode(i + 2) == Opcode.ICONST_0) {
                int and = firstBranch(i, i + 2);
                int or = lastBranch(i, i);
                if (and >= 0 && and < or) {
                    lint.report(
                            body.method(),
                            steps.get(or).line(),
                            "a && (b || c) as a value",
                            "one int of 0 or 1 for each condition, joined by & and |");
                }
            }
        }
    }

    private Opcode opcode(int index) {
        return steps.get(index).instruction().opcode();
    }

    /** The first instruction before an end that branches to a target, -1 if none does. */
    private int firstBranch(int end, int target) {
        int i = 0;
        while (i < end && !branches(i, target)) {
            i++;
        }
        return i < end ? i : -1;
    }

    /** The last instruction before an end that branches to a target, -1 if none does. */
    private int lastBranch(int end, int target) {
        int i = end - 1;
        while (i >= 0 && !branches(i, target)) {
            i--;
        }
        return i;
    }

    private boolean branches(int index, int target) {
        return steps.get(index).instruction() instanceof BranchInstruction branch
                && body.target(branch.target()) == target;
    }
}
