package org.stackel.reference;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The ways in which an algorithm can ask for the same derivative of the lower loss, on one batch,
 * against those that finite differences are compared with: a closed form may serve some of them and
 * not the others.
 */
record Routes(Reference<?> reference, Device device, Seed seed) {
  private static final double BOUND = 1e-9;

  /** Both products at once, single products, gradients; matrices where the problem has them. */
  List<Finding> compare(Tensor x, Tensor y) {
    var findings = new ArrayList<Finding>();
    try (var scope = StateScope.open()) {
      Tensor v = Tensors.randn(seed, device, y.numel());
      Linearization one = reference.oneLower().linearize(x, y);
      var expected = new Products(one.hessianVector(v), one.crossVector(v));
      double error = 0;
      for (Sampling sampling : Sampling.values()) {
        error = Math.max(error, products(sampling, x, y, v, expected));
      }
      findings.add(new Finding("products at once and one by one", error, BOUND));
      findings.add(new Finding("lower gradient by all calls", gradients(x, y, v), BOUND));
      if (reference.isDense()) {
        SecondDerivatives dense = reference.oneLower().linearize(x, y).dense();
        double matrices =
            Math.max(
                error(dense.hessian().matmul(v), expected.hessian()),
                error(dense.cross().matmul(v), expected.cross()));
        findings.add(new Finding("second derivatives as matrices", matrices, BOUND));
      }
    }
    return findings;
  }

  private double products(Sampling sampling, Tensor x, Tensor y, Tensor v, Products expected) {
    Products both = reference.oneLower(sampling).linearize(x, y).products(v);
    var single = reference.oneLower(sampling);
    return largest(
        error(both.hessian(), expected.hessian()),
        error(both.cross(), expected.cross()),
        error(single.hessianVector(x, y, v), expected.hessian()),
        error(single.crossVector(x, y, v), expected.cross()));
  }

  private double gradients(Tensor x, Tensor y, Tensor v) {
    Tensor expected = reference.oneLower().gradient(x, y).y();
    Linearization afterProducts = reference.oneLower(Sampling.SHARED).linearize(x, y);
    afterProducts.products(v);
    return largest(
        error(reference.oneLower().gradientY(x, y), expected),
        error(reference.oneLower().linearize(x, y).gradY(), expected),
        error(afterProducts.gradY(), expected));
  }

  /** Not a number if one of them is none. */
  private static double largest(double... errors) {
    double largest = 0;
    for (double error : errors) {
      largest = Math.max(largest, error);
    }
    return largest;
  }

  private static double error(Tensor found, Tensor expected) {
    double size = Tensors.item(Tensors.norm(expected));
    double difference = Tensors.item(Tensors.norm(found.sub(expected)));
    return size == 0 ? difference : difference / size;
  }
}
