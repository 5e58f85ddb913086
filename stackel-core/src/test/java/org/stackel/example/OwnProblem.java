package org.stackel.example;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.bilevel.Bilevel;
import org.stackel.bilevel.Minibatch;
import org.stackel.bilevel.Named;
import org.stackel.bilevel.Region;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Problems of one's own, from two functions each. */
final class OwnProblem {
  private OwnProblem() {}

  // ---- begin: minibatches
  /** The strength exp(x) of a penalty; a and b are training examples, c and d held-out ones. */
  static Bilevel<Tensor> ridge(Tensor a, Tensor b, Tensor c, Tensor d) {
    int features = (int) a.size(1);
    return Bilevel.problem(new double[] {0}, new double[features])
        .lower((x, y, m) -> error(m.rows(a), m.rows(b), y).add(x.exp().mul(y.dot(y))))
        .upper((x, y, m) -> error(m.rows(c), m.rows(d), y))
        .batches((int) a.size(0), 64, (int) c.size(0), 0);
  }

  static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }

  // ---- end: minibatches

  // ---- begin: data
  static Bilevel<Tensor> handedOver(Tensor a, Tensor b, Tensor c, Tensor d) {
    return ridge(a, b, c, d)
        .data("a", a)
        .data("b", b)
        .lower((x, y, m) -> error(m.rows("a"), m.rows("b"), y).add(x.exp().mul(y.dot(y))));
  }

  // ---- end: data

  // ---- begin: named
  /** A penalty for each of two layers: x has two numbers, y the layers of a small network. */
  static Bilevel<Named> network(Tensor a, Tensor b, Tensor c, Tensor d, Device device) {
    int width = 5;
    var x0 = Named.of("logStrength", Tensors.full(device, -3, 2));
    var y0 =
        Named.of("first", Tensors.full(device, 0.1, a.size(1), width))
            .and("second", Tensors.full(device, 0.1, width));
    return Bilevel.problem(x0, y0)
        .lower((x, y, m) -> fit(m.rows(a), m.rows(b), y).add(penalty(x.get("logStrength"), y)))
        .upper((x, y, m) -> fit(m.rows(c), m.rows(d), y))
        .batches((int) a.size(0), 16, (int) c.size(0), 16);
  }

  static Tensor fit(Tensor a, Tensor b, Named y) {
    return a.mm(y.get("first")).tanh().mv(y.get("second")).sub(b).square().mean();
  }

  static Tensor penalty(Tensor logStrength, Named y) {
    Tensor strength = logStrength.exp();
    Tensor first = y.get("first").square().sum().mul(strength.select(0, 0));
    return first.add(y.get("second").square().sum().mul(strength.select(0, 1)));
  }

  // ---- end: named

  // ---- begin: more
  static Bilevel<Tensor> judged(Bilevel<Tensor> ridge, Tensor testA, Tensor testB) {
    return ridge
        .named("ridge")
        .constrainX(Region.box(-8, 2))
        .projectY(y -> y.clamp_min(new Scalar(0.0)))
        .evaluate(
            (x, y) ->
                Metrics.NONE
                    .with("upperLoss", Tensors.item(error(testA, testB, y)))
                    .with("strength", Math.exp(Tensors.item(x))));
  }

  // ---- end: more

  // ---- begin: closed forms
  /** What is known of g = mean (aᵀy - b)² + exp(x) |y|². */
  record RidgeForms(Tensor a, Tensor b) implements ClosedForms<Minibatch> {
    @Override
    public Tensor lowerGradientY(Tensor x, Tensor y, Minibatch m) {
      Tensor rows = m.rows(a);
      return twice(rows.t().mv(rows.mv(y).sub(m.rows(b))), m).add(twice(x.exp().mul(y)));
    }

    @Override
    public @Nullable Tensor hessianVector(Tensor x, Tensor y, Tensor v, Minibatch m) {
      Tensor rows = m.rows(a);
      return twice(rows.t().mv(rows.mv(v)), m).add(twice(x.exp().mul(v)));
    }

    private static Tensor twice(Tensor sum, Minibatch m) {
      return sum.mul(new Scalar(2.0 / m.size()));
    }

    private static Tensor twice(Tensor tensor) {
      return tensor.mul(new Scalar(2.0));
    }
  }
  // ---- end: closed forms
}
