package org.stackel.reference;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The exact derivatives of a reference at one point, as arrays: what a product makes is freed when
 * it is done, so that any number of them takes no more memory than one.
 *
 * <p>The graphs belong to the scope in which the point was made.
 */
public final class ExactPoint {
  private final Device device;
  private final Tensor x;
  private final Tensor y;
  private final List<Linearization> lower;
  private final double[] weights;
  private final double upperValue;
  private final double lowerValue;
  private final double[] upperX;
  private final double[] upperY;
  private final double[] lowerY;

  /**
   * Evaluates both losses and their gradients on all samples.
   *
   * @param reference the samples of a problem and their weights
   * @param device where x and y go, and their precision
   * @param atX the upper variable
   * @param atY the lower variable
   */
  public ExactPoint(Reference<?> reference, Device device, double[] atX, double[] atY) {
    this.device = device;
    x = Tensors.of(device, atX);
    y = Tensors.of(device, atY);
    lower = reference.lowers().stream().map(sample -> sample.linearize(x, y)).toList();
    weights = reference.lowerWeights();
    lowerY = inScope(() -> mean(Linearization::gradY));
    upperX = new double[atX.length];
    upperY = new double[atY.length];
    List<SampledObjective> uppers = reference.uppers();
    double[] upperWeights = reference.upperWeights();
    double value = 0;
    for (int i = 0; i < upperWeights.length; i++) {
      try (var scope = StateScope.open()) {
        Gradient gradient = uppers.get(i).gradient(x, y);
        addTo(upperX, upperWeights[i], Tensors.toArray(gradient.x()));
        addTo(upperY, upperWeights[i], Tensors.toArray(gradient.y()));
        value += upperWeights[i] * Tensors.item(uppers.get(i).value(x, y));
      }
    }
    upperValue = value;
    List<SampledObjective> lowers = reference.lowers();
    value = 0;
    for (int i = 0; i < weights.length; i++) {
      try (var scope = StateScope.open()) {
        value += weights[i] * Tensors.item(lowers.get(i).value(x, y));
      }
    }
    lowerValue = value;
  }

  private static void addTo(double[] sum, double factor, double[] what) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * what[i];
    }
  }

  /** Where x and y are, and their precision. */
  public Device device() {
    return device;
  }

  /** The upper variable, a vector. */
  public Tensor x() {
    return x;
  }

  /** The lower variable, a vector. */
  public Tensor y() {
    return y;
  }

  /** {@code f(x, y)}. */
  public double upperValue() {
    return upperValue;
  }

  /** {@code g(x, y)}. */
  public double lowerValue() {
    return lowerValue;
  }

  /** {@code ∇x f}. */
  public double[] upperX() {
    return upperX.clone();
  }

  /** {@code ∇y f}. */
  public double[] upperY() {
    return upperY.clone();
  }

  /** {@code ∇y g}. */
  public double[] lowerY() {
    return lowerY.clone();
  }

  /** {@code ∇²yy g · v}. */
  public double[] hessian(double[] v) {
    return product(v, (at, vector) -> at.hessianVector(vector));
  }

  /** {@code ∇²xy g · v}. */
  public double[] cross(double[] v) {
    return product(v, (at, vector) -> at.crossVector(vector));
  }

  /** {@code ∇x f - ∇²xy g · v}. */
  public double[] direction(double[] v) {
    return Vectors.minus(upperX, cross(v));
  }

  private interface Product {
    Tensor of(Linearization at, Tensor v);
  }

  private double[] product(double[] v, Product product) {
    return inScope(
        () -> {
          Tensor vector = Tensors.of(device, v);
          return mean(at -> product.of(at, vector));
        });
  }

  private static double[] inScope(Supplier<double[]> body) {
    try (var scope = StateScope.open()) {
      return body.get();
    }
  }

  private double[] mean(Function<Linearization, Tensor> part) {
    double[] sum = new double[0];
    for (int i = 0; i < weights.length; i++) {
      double[] numbers = Tensors.toArray(part.apply(lower.get(i)));
      if (i == 0) {
        sum = new double[numbers.length];
      }
      addTo(sum, weights[i], numbers);
    }
    return sum;
  }
}
