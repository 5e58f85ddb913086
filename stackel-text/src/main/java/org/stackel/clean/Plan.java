package org.stackel.clean;

/**
 * How much work is done, from the size of the data and the time that may be used. It depends on
 * neither clock nor machine, so that the same call gives the same results everywhere.
 *
 * @param rows rows that models are trained on at most
 * @param folds number of folds
 * @param noise sizes of the noise model's fits
 * @param iterations most iterations of the other fits
 * @param weightSteps steps of bilevel cleaning; 0 without it
 * @param level how thorough it is
 */
record Plan(
    int rows, int folds, NoiseModel.Effort noise, int iterations, long weightSteps, Level level) {
  /** How thorough a plan is. */
  enum Level {
    FULL(900),
    LIGHT(300),
    LEAST(100);

    /** Passes over the rows. */
    private final double passes;

    Level(double passes) {
      this.passes = passes;
    }
  }

  /** Most iterations of a fit that starts near its end: few will do where each takes long. */
  int warmIterations() {
    return level == Level.LEAST ? iterations / 2 : iterations;
  }

  /** Most iterations of a fit to trusted rows alone, which are few. */
  int trustedIterations() {
    return level == Level.LEAST ? iterations : 2 * iterations;
  }

  private static final double OPERATIONS_PER_SECOND = 3e9;
  private static final double SPENT = 0.6;
  private static final int MAX_ROWS = 60_000;
  private static final int MIN_ROWS = 20_000;
  private static final int ROWS_OF_A_CLASS = 10;
  private static final int MAX_WEIGHTED = 30_000;
  private static final int MAX_WEIGHTED_CLASSES = 200;
  private static final long WEIGHT_STEPS = 400;

  /**
   * The plan for some data.
   *
   * @param rows number of rows
   * @param trusted number of trusted rows
   * @param dense dense columns
   * @param entries other numbers of a row, on average
   * @param seconds time that may be used
   */
  static Plan of(int rows, int trusted, int classes, int dense, double entries, double seconds) {
    // libtorch multiplies dense columns several times as fast as the loop over entries.
    double perRow = classes * (4 * (dense / 4.0 + entries) + 30);
    double passes = seconds * SPENT * OPERATIONS_PER_SECOND / perRow;
    int wanted = Math.min(rows, MAX_ROWS);
    int least = Math.min(rows, Math.max(MIN_ROWS, ROWS_OF_A_CLASS * classes));
    Level level = Level.FULL;
    for (Level each : Level.values()) {
      level = each;
      if (each.passes * Math.min(wanted, least) <= passes) {
        break;
      }
    }
    int studied = (int) Math.max(least, Math.min(wanted, passes / level.passes));
    boolean isWeighted =
        level == Level.FULL
            && studied <= MAX_WEIGHTED
            && classes <= MAX_WEIGHTED_CLASSES
            && seconds >= 60;
    int folds = level == Level.FULL ? 5 : level == Level.LIGHT ? 3 : 2;
    return new Plan(
        studied,
        Math.max(2, Math.min(folds, trusted / 4)),
        switch (level) {
          case FULL -> new NoiseModel.Effort(2, 30, 15);
          case LIGHT -> new NoiseModel.Effort(1, 25, 15);
          case LEAST -> new NoiseModel.Effort(1, 14, 10);
        },
        level == Level.FULL ? 40 : level == Level.LIGHT ? 25 : 14,
        isWeighted ? WEIGHT_STEPS : 0,
        level);
  }
}
