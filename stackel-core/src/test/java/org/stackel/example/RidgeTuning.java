package org.stackel.example;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Rules;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The strength of a ridge regression, so that it predicts held-out examples well:
 *
 * <pre>
 *   g = mean over training examples of ½ (aᵀy - b)², plus ½ exp(x) |y|²
 *   f = mean over held-out examples of ½ (aᵀy - b)²
 * </pre>
 *
 * <p>x is one number, y has one a feature. The data are random: b = aᵀw + noise.
 *
 * @param features numbers in a and y
 * @param examples training examples, and as many held-out ones
 * @param noise standard deviation in b
 * @param batch examples in a minibatch of either level
 */
public record RidgeTuning(int features, int examples, double noise, int batch)
    implements ProblemOptions {

  /** Fewer examples than a regression without a penalty needs. */
  public RidgeTuning() {
    this(30, 40, 0.5, 20);
  }

  public RidgeTuning {
    var rules = new Rules("ridge-tuning");
    rules.atLeast("features", features, 1);
    rules.atLeast("examples", examples, 1);
    rules.notNegative("noise", noise);
    rules.atLeast("batch", batch, 1);
  }

  @Override
  public BilevelProblem<Batch> open(Seed data, Device device) {
    return new Opened(data, device);
  }

  /**
   * Some examples.
   *
   * @param a shape [examples, features]
   * @param b shape [examples]
   */
  public record Batch(Tensor a, Tensor b) {
    Batch take(int[] numbers, Device device) {
      Tensor rows = Tensors.indices(device, numbers);
      return new Batch(a.index_select(0, rows), b.index_select(0, rows));
    }

    Tensor meanError(Tensor y) {
      Tensor error = a.mv(y).sub(b);
      return Tensors.scale(0.5, error.mul(error).mean());
    }
  }

  private final class Opened implements BilevelProblem<Batch> {
    private final DataTensors home = new DataTensors();
    private final Device device;
    private final Batch training;
    private final Batch heldOut;

    Opened(Seed data, Device device) {
      this.device = device;
      Tensor w = Tensors.randn(data.child("w"), device, features);
      training = home.keep(draw(data.child("training"), w));
      heldOut = home.keep(draw(data.child("held-out"), w));
    }

    private Batch draw(Seed seed, Tensor w) {
      Tensor a = Tensors.randn(seed.child("a"), device, examples, features);
      Tensor error = Tensors.randn(seed.child("error"), device, examples);
      return new Batch(a, Tensors.axpy(a.mv(w), noise, error));
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("logStrength", 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("coefficients", features);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.zeros(device, 1), Tensors.zeros(device, features));
    }

    @Override
    public Batch upperBatch(Seed draw, Shard shard) {
      return heldOut.take(shard.of(draw.sample(examples, batch)), device);
    }

    @Override
    public Batch lowerBatch(Seed draw, Shard shard) {
      return training.take(shard.of(draw.sample(examples, batch)), device);
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Batch batch) {
      return batch.meanError(y);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Batch batch) {
      return batch.meanError(y).add(Tensors.scale(0.5, x.exp().sum().mul(y.dot(y))));
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE
          .with("upperLoss", Tensors.item(heldOut.meanError(y)))
          .with("strength", Math.exp(Tensors.item(x)));
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
