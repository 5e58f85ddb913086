package org.stackel.check;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * Tasks with a scalar head each, two of them in a minibatch of either level, and both levels of a
 * step on the same two: {@code g_i = ½ a_i (y_i - w_i x)²}, {@code f_i = sin y_i + ½ x²}.
 *
 * @param tasks number of tasks
 * @param drawn the tasks of each upper minibatch that was drawn
 */
record TaskHeads(int tasks, List<List<Integer>> drawn) implements ProblemOptions {
  TaskHeads(int tasks) {
    this(tasks, new ArrayList<>());
  }

  static double curvature(int task) {
    return 1 + task % 5;
  }

  static double slope(int task) {
    return 1 + 0.1 * task;
  }

  Experiment experiment(long steps) {
    Experiment like = new TwoLosses(1, 1, (x, y) -> x.sum(), (x, y) -> y.sum()).experiment(steps);
    return new Experiment("tasks", this, "slip", like.algorithm(), like.settings(), null, null);
  }

  private List<Integer> draw(Seed seed) {
    var random = seed.generator();
    int first = random.nextInt(tasks);
    return List.of(first, (first + 1 + random.nextInt(tasks - 1)) % tasks);
  }

  @Override
  public BilevelProblem<List<Integer>> open(Seed data, Device device) {
    return new BilevelProblem<>() {
      @Override
      public boolean drawsOnce() {
        return true;
      }

      @Override
      public Layout upperLayout() {
        return Layout.vector("x", 1);
      }

      @Override
      public Layout lowerLayout() {
        return Layout.vector("heads", tasks);
      }

      @Override
      public Start start(Seed seed) {
        return new Start(
            Tensors.of(device, new double[] {0.5}), Tensors.zeros(device, lowerLayout().size()));
      }

      @Override
      public List<Integer> upperBatch(Seed draw, Shard shard) {
        List<Integer> chosen = draw(draw);
        drawn.add(chosen);
        return chosen;
      }

      @Override
      public List<Integer> lowerBatch(Seed draw, Shard shard) {
        return draw(draw);
      }

      @Override
      public Tensor upperLoss(Tensor x, Tensor y, List<Integer> batch) {
        Tensor square = Tensors.scale(0.5, x.dot(x));
        return Tensors.scale(
                0.5,
                y.narrow(0, batch.get(0), 1).sin().add(y.narrow(0, batch.get(1), 1).sin()).sum())
            .add(square);
      }

      @Override
      public Tensor lowerLoss(Tensor x, Tensor y, List<Integer> batch) {
        return Tensors.scale(0.5, own(x, y, batch.get(0)).add(own(x, y, batch.get(1))));
      }

      private Tensor own(Tensor x, Tensor y, int task) {
        Tensor offset = y.narrow(0, task, 1).sub(Tensors.scale(slope(task), x));
        return Tensors.scale(0.5 * curvature(task), offset.dot(offset));
      }

      @Override
      public Metrics evaluate(Tensor x, Tensor y) {
        return Metrics.NONE;
      }

      @Override
      public void close() {}
    };
  }
}
