package org.stackel.check;

import org.bytedeco.pytorch.Tensor;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A problem of two given losses, also of wrong ones. */
record TwoLosses(Layout upperLayout, Layout lowerLayout, Loss upper, Loss lower, Noise noise)
    implements ProblemOptions {
  /** A scalar. */
  interface Loss {
    Tensor at(Tensor x, Tensor y);

    /** The same value, and derivatives as if it were {@code factor} times as large. */
    default Loss withDerivatives(double factor) {
      return (x, y) -> {
        Tensor loss = at(x, y);
        return loss.detach().add(Tensors.scale(factor, loss.sub(loss.detach())));
      };
    }
  }

  TwoLosses(int sizeOfX, int sizeOfY, Loss upper, Loss lower) {
    this(Layout.vector("x", sizeOfX), Layout.vector("y", sizeOfY), upper, lower, Noise.NONE);
  }

  /** slip on this problem, in float64. */
  Experiment experiment(long steps) {
    Experiment like =
        Experiment.of(
            java.util.Map.of(
                "problem", java.util.Map.of("type", "toy"),
                "algorithm", java.util.Map.of("type", "slip", "lowerLr", 0.1, "upperLr", 0.1),
                "steps", steps));
    return new Experiment(
        "two-losses", this, "slip", like.algorithm(), like.settings(), null, null);
  }

  @Override
  public BilevelProblem<Seed> open(Seed data, Device device) {
    return new BilevelProblem<>() {
      @Override
      public Layout upperLayout() {
        return upperLayout;
      }

      @Override
      public Layout lowerLayout() {
        return lowerLayout;
      }

      @Override
      public Start start(Seed seed) {
        return new Start(
            Tensors.randn(seed.child("x"), device, upperLayout.size()),
            Tensors.randn(seed.child("y"), device, lowerLayout.size()));
      }

      @Override
      public Seed upperBatch(Seed draw, Shard shard) {
        return draw;
      }

      @Override
      public Seed lowerBatch(Seed draw, Shard shard) {
        return draw;
      }

      @Override
      public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
        return upper.at(x, y);
      }

      @Override
      public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
        return lower.at(x, y);
      }

      @Override
      public Metrics evaluate(Tensor x, Tensor y) {
        return Metrics.NONE;
      }

      @Override
      public Noise noise() {
        return noise;
      }

      @Override
      public void close() {}
    };
  }
}
