package org.stackel.reference;

import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/**
 * What an oracle answers on one minibatch of each level: the upper gradient, and the lower one in y
 * with its products.
 */
record Answers(Tensor x, Tensor y, Tensor lower, Tensor hessian, Tensor cross) {
  /**
   * @param v of the products
   */
  static Answers of(StochasticOracle oracle, Tensor x, Tensor y, Tensor v) {
    Gradient upper = oracle.upper().gradient(x, y);
    Linearization lower = oracle.lower().linearize(x, y);
    Products products = lower.products(v);
    return new Answers(upper.x(), upper.y(), lower.gradY(), products.hessian(), products.cross());
  }

  /** The largest relative error of a gradient. */
  double errorOfGradients(Answers exact) {
    return DoubleStream.of(error(x, exact.x), error(y, exact.y), error(lower, exact.lower))
        .reduce(0, Math::max);
  }

  /** The largest relative error of a product. */
  double errorOfProducts(Answers exact) {
    return Math.max(error(hessian, exact.hessian), error(cross, exact.cross));
  }

  private static double error(Tensor found, Tensor expected) {
    double[] exact = Tensors.toArray(expected);
    double size = Vectors.norm(exact);
    double error = Vectors.distance(Tensors.toArray(found), exact);
    return size == 0 ? error : error / size;
  }
}
