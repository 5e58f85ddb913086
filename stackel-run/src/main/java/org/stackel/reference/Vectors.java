package org.stackel.reference;

/** Arithmetic on arrays: what is compared here must not rest on what is checked. */
public final class Vectors {
  private Vectors() {}

  /** {@code aᵀb}. */
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Scaled first, so that squares of large and small numbers stay in range. */
  public static double norm(double[] a) {
    double largest = 0;
    for (double number : a) {
      if (Double.isNaN(number)) {
        return Double.NaN;
      }
      largest = Math.max(largest, Math.abs(number));
    }
    if (largest == 0 || Double.isInfinite(largest)) {
      return largest;
    }
    double sum = 0;
    for (double number : a) {
      sum += (number / largest) * (number / largest);
    }
    return largest * Math.sqrt(sum);
  }

  /** {@code a + factor · b}. */
  public static double[] plus(double[] a, double factor, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < a.length; i++) {
      sum[i] += factor * b[i];
    }
    return sum;
  }

  /** {@code a - b}. */
  public static double[] minus(double[] a, double[] b) {
    return plus(a, -1, b);
  }

  /** {@code factor · a}. */
  public static double[] scaled(double factor, double[] a) {
    double[] product = a.clone();
    for (int i = 0; i < a.length; i++) {
      product[i] *= factor;
    }
    return product;
  }

  /** {@code |a - b|}. */
  public static double distance(double[] a, double[] b) {
    return norm(minus(a, b));
  }
}
