package dev.squall.decoding;

/**
 * Time set aside for something that may not pay: a small share of all time spent, out of which what it lost is taken again.
 * So trying it can never cost more than that share, and one try.
 */
final class Allowance {
    private static final double SHARE = 0.002; // for each thing that may be tried; there are six of them
    private double saved; // seconds, below 0 after a try that was dearer than expected

    /**
     * Sets aside the share of some time.
     *
     * @param seconds that were spent on generating, whatever on
     * @param most that is kept; more would be spent at once when the world changes
     */
    void earn(double seconds, double most) {
        saved = Math.max(saved, Math.min(most, saved + SHARE * seconds));
    }

    /** Gives what a try costs, without waiting. */
    void advance(double price) {
        saved = Math.max(saved, price);
    }

    boolean affords(double price) {
        return saved >= price;
    }

    /** Takes out what a try lost; a gain is no reason for further tries. */
    void pay(double loss) {
        saved -= Math.max(0, loss);
    }
}
