package org.stackel.clean;

/** The temperature at which a model's probabilities suit labels best. */
final class Temperature {
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
  private static final double LOW = Math.log(0.2);
  private static final double HIGH = Math.log(5);

  private Temperature() {}

  /** The temperature with the least log loss, by golden section search. */
  static double of(float[] logits, int[] labels, int classes) {
    double a = LOW;
    double b = HIGH;
    double c = b - GOLDEN * (b - a);
    double d = a + GOLDEN * (b - a);
    double atC = loss(logits, labels, classes, Math.exp(c));
    double atD = loss(logits, labels, classes, Math.exp(d));
    for (int i = 0; i < 16; i++) {
      if (atC < atD) {
        b = d;
        d = c;
        atD = atC;
        c = b - GOLDEN * (b - a);
        atC = loss(logits, labels, classes, Math.exp(c));
      } else {
        a = c;
        c = d;
        atC = atD;
        d = a + GOLDEN * (b - a);
        atD = loss(logits, labels, classes, Math.exp(d));
      }
    }
    return Math.exp((a + b) / 2);
  }

  /** Mean log loss, with a slight pull to temperature one, which few labels cannot outweigh. */
  static double loss(float[] logits, int[] labels, int classes, double temperature) {
    float[] p = Softmax.softmax(logits, classes, temperature);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum += Evidence.surprise(p[i * classes + labels[i]]);
    }
    double log = Math.log(temperature);
    return sum + log * log;
  }
}
