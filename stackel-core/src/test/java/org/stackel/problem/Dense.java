package org.stackel.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.stackel.tensor.Seed;

/** Small matrices without libtorch: a second opinion. */
public final class Dense {
  private Dense() {}

  /** Independent standard normal numbers. */
  public static double[][] random(Seed seed, int rows, int columns) {
    SplittableRandom generator = seed.generator();
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      for (int j = 0; j < columns; j++) {
        row[j] = generator.nextGaussian();
      }
    }
    return matrix;
  }

  /** Independent standard normal numbers. */
  public static double[] random(Seed seed, int size) {
    return random(seed, 1, size)[0];
  }

  /** {@code MMᵀ/n + shift I}: symmetric, its least eigenvalue at least the shift. */
  public static double[][] spd(Seed seed, int n, double shift) {
    double[][] m = random(seed, n, n);
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          h[i][j] += m[i][k] * m[j][k] / n;
        }
      }
      h[i][i] += shift;
    }
    return h;
  }

  /** {@code Mv}. */
  public static double[] times(double[][] m, double[] v) {
    double[] product = new double[m.length];
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < v.length; j++) {
        product[i] += m[i][j] * v[j];
      }
    }
    return product;
  }

  /** {@code Mᵀ}. */
  public static double[][] transposed(double[][] m) {
    double[][] t = new double[m[0].length][m.length];
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < t.length; j++) {
        t[j][i] = m[i][j];
      }
    }
    return t;
  }

  /** {@code v + a w}. */
  public static double[] plus(double[] v, double a, double[] w) {
    double[] sum = v.clone();
    for (int i = 0; i < v.length; i++) {
      sum[i] += a * w[i];
    }
    return sum;
  }

  /** {@code ⟨v, w⟩}. */
  public static double dot(double[] v, double[] w) {
    double sum = 0;
    for (int i = 0; i < v.length; i++) {
      sum += v[i] * w[i];
    }
    return sum;
  }

  /** Euclidean norm. */
  public static double norm(double[] v) {
    return Math.sqrt(dot(v, v));
  }

  /** {@code |v - w| / |w|}. */
  public static double relativeError(double[] v, double[] w) {
    return norm(plus(v, -1, w)) / norm(w);
  }

  /** {@code M⁻¹b} by Gauss's elimination with pivots. */
  public static double[] solve(double[][] matrix, double[] b) {
    int n = b.length;
    double[][] m = new double[n][];
    for (int i = 0; i < n; i++) {
      m[i] = matrix[i].clone();
    }
    double[] v = b.clone();
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int i = c + 1; i < n; i++) {
        pivot = Math.abs(m[i][c]) > Math.abs(m[pivot][c]) ? i : pivot;
      }
      double[] row = m[c];
      m[c] = m[pivot];
      m[pivot] = row;
      double number = v[c];
      v[c] = v[pivot];
      v[pivot] = number;
      for (int i = c + 1; i < n; i++) {
        double factor = m[i][c] / m[c][c];
        for (int j = c; j < n; j++) {
          m[i][j] -= factor * m[c][j];
        }
        v[i] -= factor * v[c];
      }
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int j = i + 1; j < n; j++) {
        v[i] -= m[i][j] * v[j];
      }
      v[i] /= m[i][i];
    }
    return v;
  }

  /** Rows end to end. */
  public static double[] flat(double[][] m) {
    double[] numbers = new double[m.length * m[0].length];
    for (int i = 0; i < m.length; i++) {
      System.arraycopy(m[i], 0, numbers, i * m[0].length, m[0].length);
    }
    return numbers;
  }

  /** As an option. */
  public static List<Double> option(double... v) {
    var list = new ArrayList<Double>();
    for (double number : v) {
      list.add(number);
    }
    return list;
  }

  /** As an option. */
  public static List<List<Double>> option(double[][] m) {
    var rows = new ArrayList<List<Double>>();
    for (double[] row : m) {
      rows.add(option(row));
    }
    return rows;
  }
}
