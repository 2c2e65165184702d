package dev.squall.decoding;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * How eagerly a draft model guesses: not at all, or going on with one, two, four or eight nodes of a level.
 *
 * <p>The rule: one way is kept, none to begin with. Every other way has an {@link Allowance}, and is put on trial for some
 * rounds as soon as that affords what a trial is expected to lose: what the last one lost, or at first what passes of such
 * trees cost. A trial ends early once it has lost more. Who made more tokens a second than the kept way takes its place;
 * when it then seems to fall behind the way that it replaced, that one gets a trial, and the one who loses by it pays for
 * all that was lost since. So ways that lose little are tried often, dear ones seldom, all that is lost to mistakes stays
 * about one per cent of the time, and a short text is never tried on.
 */
final class Pace {
    private static final int[] WIDTHS = {0, 1, 2, 4, 8}; // nodes of a level that are continued, 0 for no guesses
    private static final int TRIAL = 6; // rounds; the first one pays for what was left undone, and does not count
    private static final int LONG_TRIAL = 30; // rounds more for one that seems to win, by luck perhaps
    private static final int SETTLED = 32; // rounds before anything is tried
    private static final double REMEMBERED = 0.99; // of what is known of a way, a round of it
    private static final double COLD = 0.03; // seconds that code takes to be compiled, or more

    private final IntToDoubleFunction extra;
    private final double[] tokens = new double[WIDTHS.length]; // [way], decayed sums over its rounds
    private final double[] seconds = new double[WIDTHS.length]; // [way]
    private final double[] price = new double[WIDTHS.length]; // [way], what its last trial lost; NaN before the first
    private final Allowance[] allowances = new Allowance[WIDTHS.length]; // [way]
    private int kept;
    private int replaced; // the way that was kept before
    private int tried = -1; // the way on trial, -1 for none
    private int left; // rounds of the trial
    private boolean winning; // it has been better for some rounds, and goes on for longer
    private double lost; // seconds, by the trial
    private double behind; // seconds that the kept way has lost lately to the one that it replaced
    private boolean cold = true; // nothing has been tried
    private long rounds;

    /** @param extra seconds that a round with guesses of a width takes longer than one without, as far as is known */
    Pace(IntToDoubleFunction extra) {
        this.extra = extra;
        Arrays.fill(price, Double.NaN);
        Arrays.setAll(allowances, way -> new Allowance());
    }

    /** Nodes of a level that are continued in this round, 0 for no guesses. */
    int width() {
        return WIDTHS[tried >= 0 ? tried : kept];
    }

    /** Whether this round belongs to a trial. */
    boolean isTrying() {
        return tried >= 0;
    }

    /** Somebody named the draft, and expects it to be tried soon. */
    void advance() {
        if (cold) {
            allowances[1].advance(price(1));
        }
    }

    /** Ends a trial that cannot be held now. */
    void postpone() {
        tried = -1;
    }

    /**
     * Takes what a round came to.
     *
     * @param accepted tokens that the requests got, on average
     * @param took seconds with everything
     */
    void observe(double accepted, double took) {
        rounds++;
        for (int way = 0; way < WIDTHS.length; way++) {
            allowances[way].earn(took, price(way));
        }
        if (tried >= 0) {
            judge(accepted, took);
            return;
        }
        count(kept, accepted, took);
        if (kept != replaced) {
            behind = Math.max(0, behind + took - accepted / rate(replaced));
            if (rate(kept) < rate(replaced)) {
                begin(replaced);
            }
        }
        for (int way = 0; way < WIDTHS.length && rounds > SETTLED && tried < 0; way++) {
            if (way != kept && allowances[way].affords(price(way))) {
                begin(way);
            }
        }
    }

    private void begin(int way) {
        tried = way;
        left = TRIAL;
        winning = false;
        lost = 0;
        tokens[way] = 0;
        seconds[way] = 0;
    }

    /** A round of a trial. */
    private void judge(double accepted, double took) {
        lost += took - accepted / rate(kept);
        if (winning || left < TRIAL) {
            count(tried, accepted, took);
        }
        if (--left > 0 && (tried == replaced || allowances[tried].affords(lost))) {
            return;
        }
        boolean better = left == 0 && rate(tried) > rate(kept);
        if (better && !winning) {
            winning = true;
            left = LONG_TRIAL;
            return;
        }
        price[tried] = left > 0 ? 2 * lost : lost; // it may get further when more has been set aside
        allowances[tried].pay(lost);
        cold = false;
        if (better) {
            if (tried == replaced) {
                price[kept] = Math.max(price[kept], behind);
                allowances[kept].pay(behind);
            }
            replaced = kept;
            kept = tried;
            behind = 0;
        }
        tried = -1;
    }

    /** Seconds that a trial of a way is expected to lose, never less than two tokens take. */
    private double price(int way) {
        double expected =
                Double.isNaN(price[way]) ? TRIAL * extra.applyAsDouble(WIDTHS[way]) + (cold ? COLD : 0) : price[way];
        return Math.max(expected, rate(kept) > 0 ? 2 / rate(kept) : COLD);
    }

    private void count(int way, double accepted, double took) {
        tokens[way] = tokens[way] * REMEMBERED + accepted;
        seconds[way] = seconds[way] * REMEMBERED + took;
    }

    private double rate(int way) {
        return seconds[way] == 0 ? 0 : tokens[way] / seconds[way];
    }
}
