package org.stackel.oracle;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.HandWritten;
import org.stackel.problem.Metrics;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * Features {@code h = tanh(s W x)} with a scale s per sample, then losses in which h and y meet
 * nonlinearly. Notes what it is asked.
 */
class EncoderProblem implements FeatureProblem<Tensor> {
  static final int N = 5;
  static final int P = 3;
  private static final int H = 7;

  private final double[] w = Dense.flat(Dense.random(new Seed(100), H, N));
  private final double[] m = Dense.flat(Dense.random(new Seed(101), H, P));

  /** For every call of features: whether x came with a graph. */
  final List<Boolean> featuresOfGraph = new ArrayList<>();

  /** For every call of a loss: whether the features came with a graph. */
  final List<Boolean> lossOfGraph = new ArrayList<>();

  @Override
  public Layout upperLayout() {
    return Layout.vector("x", N);
  }

  @Override
  public Layout lowerLayout() {
    return Layout.vector("y", P);
  }

  @Override
  public Start start(Seed seed) {
    return new Start(
        Tensors.of(Device.CPU64, Dense.random(seed.child("x"), N)),
        Tensors.of(Device.CPU64, Dense.random(seed.child("y"), P)));
  }

  @Override
  public Tensor upperBatch(Seed draw, Shard shard) {
    return Tensors.of(Device.CPU64, 0.5 + draw.generator().nextDouble());
  }

  @Override
  public Tensor lowerBatch(Seed draw, Shard shard) {
    return upperBatch(draw, shard);
  }

  @Override
  public Tensor features(Tensor x, Tensor batch) {
    featuresOfGraph.add(x.requires_grad());
    return weights().mv(x).mul(batch).tanh();
  }

  /** The same problem with features of both levels in one pass. */
  static EncoderProblem together() {
    return new EncoderProblem() {
      @Override
      public List<Tensor> featuresOfBoth(Tensor x, Tensor upper, Tensor lower, HandWritten parts) {
        Tensor both = features(x, torch.stack(new TensorVector(upper, lower), 0));
        return List.of(both.select(0, 0), both.select(0, 1));
      }
    };
  }

  /** The same problem with a half of the product with x differentiated by hand. */
  static EncoderProblem byHand() {
    return new EncoderProblem() {
      @Override
      public Tensor features(Tensor x, Tensor batch, HandWritten parts) {
        return product(x, parts).mul(batch).tanh();
      }

      @Override
      public List<Tensor> featuresOfBoth(Tensor x, Tensor upper, Tensor lower, HandWritten parts) {
        Tensor product = product(x, parts);
        return List.of(product.mul(upper).tanh(), product.mul(lower).tanh());
      }

      private Tensor product(Tensor x, HandWritten parts) {
        Tensor half = Tensors.scale(0.5, weights());
        Tensor value = half.mv(x.detach());
        return half.mv(x).add(parts.add(List.of(x), new Half(half, value)));
      }
    };
  }

  private record Half(Tensor matrix, Tensor value) implements HandWritten.Part {
    @Override
    public List<Tensor> saved() {
      return List.of(matrix);
    }

    @Override
    public List<Tensor> gradient(Tensor inValue) {
      return List.of(matrix.t().mv(inValue));
    }
  }

  Tensor weights() {
    return Tensors.of(Device.CPU64, w, H, N);
  }

  private Tensor logits(Tensor y) {
    return Tensors.of(Device.CPU64, m, H, P).mv(y);
  }

  @Override
  public Tensor upperLossOf(Tensor features, Tensor y, Tensor batch) {
    lossOfGraph.add(features.requires_grad());
    Tensor squares = Tensors.scale(0.1, features.dot(features));
    return features.dot(logits(y)).tanh().add(squares).add(y.pow(new Scalar(3.0)).sum());
  }

  @Override
  public Tensor lowerLossOf(Tensor features, Tensor y, Tensor batch) {
    lossOfGraph.add(features.requires_grad());
    Tensor bump = features.mul(logits(y)).sin().exp().sum().mul(batch.sum());
    return bump.add(y.dot(y));
  }

  @Override
  public Metrics evaluate(Tensor x, Tensor y) {
    return Metrics.NONE;
  }

  @Override
  public void close() {}

  /** The same problem without saying that it has features. */
  BilevelProblem<Tensor> plain() {
    EncoderProblem encoder = this;
    return new BilevelProblem<>() {
      @Override
      public Layout upperLayout() {
        return encoder.upperLayout();
      }

      @Override
      public Layout lowerLayout() {
        return encoder.lowerLayout();
      }

      @Override
      public Start start(Seed seed) {
        return encoder.start(seed);
      }

      @Override
      public Tensor upperBatch(Seed draw, Shard shard) {
        return encoder.upperBatch(draw, shard);
      }

      @Override
      public Tensor lowerBatch(Seed draw, Shard shard) {
        return encoder.lowerBatch(draw, shard);
      }

      @Override
      public Tensor upperLoss(Tensor x, Tensor y, Tensor batch) {
        return encoder.upperLoss(x, y, batch);
      }

      @Override
      public Tensor lowerLoss(Tensor x, Tensor y, Tensor batch) {
        return encoder.lowerLoss(x, y, batch);
      }

      @Override
      public Metrics evaluate(Tensor x, Tensor y) {
        return encoder.evaluate(x, y);
      }

      @Override
      public void close() {}
    };
  }
}
