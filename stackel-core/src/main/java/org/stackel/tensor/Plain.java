package org.stackel.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * Small vectors of the host as plain Java arrays. A call of libtorch costs about a microsecond
 * whatever the size: a formula of several operations on vectors this small is one pass over arrays.
 * Numbers are computed in double precision and rounded to the vector's type at the end.
 */
public final class Plain {
  /** Beyond this size libtorch is faster, even for a formula of only two operations. */
  private static final long MAX_SIZE = 128;

  private Plain() {}

  /** Whether it is a vector of the host, small enough, without a graph. */
  public static boolean is(Tensor tensor) {
    return tensor.dim() == 1 && tensor.numel() <= MAX_SIZE && isReadable(tensor);
  }

  /** Whether all of them are, and of one type. */
  public static boolean are(Tensor first, Tensor... others) {
    if (!is(first)) {
      return false;
    }
    long bytes = first.element_size();
    for (Tensor other : others) {
      if (!is(other) || other.element_size() != bytes) {
        return false;
      }
    }
    return true;
  }

  /** Whether its numbers lie in the host's memory one behind the other, without a graph. */
  static boolean isReadable(Tensor tensor) {
    return tensor.is_cpu()
        && !tensor.requires_grad()
        && tensor.is_contiguous()
        && tensor.is_floating_point()
        && tensor.element_size() >= Float.BYTES;
  }

  /** The numbers of a vector for which {@link #is} holds: a new array. */
  public static double[] read(Tensor vector) {
    int size = (int) vector.numel();
    double[] numbers = new double[size];
    if (size == 0) {
      return numbers;
    }
    if (vector.element_size() == Double.BYTES) {
      vector.data_ptr_double().get(numbers);
    } else {
      float[] found = new float[size];
      vector.data_ptr_float().get(found);
      for (int i = 0; i < size; i++) {
        numbers[i] = found[i];
      }
    }
    return numbers;
  }

  /** The numbers of any vector: as fast as {@link #read} where that may be used. */
  public static double[] numbers(Tensor vector) {
    return is(vector) ? read(vector) : Tensors.toArray(vector);
  }

  static boolean isFinite(Tensor vector) {
    for (double number : read(vector)) {
      if (!Double.isFinite(number)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A new vector of these numbers.
   *
   * @param like a vector for which {@link #is} holds: gives the type
   */
  public static Tensor like(Tensor like, double... numbers) {
    Tensor vector = like.new_empty(numbers.length);
    if (numbers.length == 0) {
      return vector;
    }
    if (like.element_size() == Double.BYTES) {
      vector.data_ptr_double().put(numbers);
    } else {
      float[] rounded = new float[numbers.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) numbers[i];
      }
      vector.data_ptr_float().put(rounded);
    }
    return vector;
  }

  /**
   * {@code sum += a M v}.
   *
   * @param matrix M by rows, with as many columns as v has numbers
   */
  public static void addProduct(double[] sum, double a, double[] matrix, double[] v) {
    for (int i = 0; i < sum.length; i++) {
      double product = 0;
      for (int j = 0; j < v.length; j++) {
        product += matrix[i * v.length + j] * v[j];
      }
      sum[i] += a * product;
    }
  }

  /**
   * {@code sum += a Mᵀv}.
   *
   * @param matrix M by rows, with as many columns as the sum has numbers
   */
  public static void addTransposed(double[] sum, double a, double[] matrix, double[] v) {
    for (int i = 0; i < v.length; i++) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += a * v[i] * matrix[i * sum.length + j];
      }
    }
  }
}
