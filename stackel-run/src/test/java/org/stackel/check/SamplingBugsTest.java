package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.run.RunListener;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A problem whose minibatches do not have its mean: of three blocks, {@code f = (y - block)² + x²}
 * and {@code g = (1 + block) (y - x)² / 2}.
 */
class SamplingBugsTest {
  private enum Bug {
    NONE,
    /** Minibatches of the upper level are always the first block. */
    UPPER_SAMPLE,
    /** The first block is drawn five times as often as the others. */
    RATIO
  }

  private record Options(Bug bug) implements ProblemOptions {
    Experiment experiment() {
      Experiment like = new TwoLosses(1, 1, (x, y) -> x.sum(), (x, y) -> y.sum()).experiment(1);
      return new Experiment("blocks", this, "slip", like.algorithm(), like.settings(), null, null);
    }

    @Override
    public BilevelProblem<Integer> open(Seed data, Device device) {
      return new Sum(bug, device);
    }
  }

  private record Sum(Bug bug, Device device) implements FiniteSum<Integer> {
    private static final int BLOCKS = 3;

    @Override
    public Blocks upperBlocks() {
      return new Blocks(BLOCKS, BLOCKS);
    }

    @Override
    public Blocks lowerBlocks() {
      return upperBlocks();
    }

    @Override
    public Integer upperBlock(int block, Shard shard) {
      return block;
    }

    @Override
    public Integer lowerBlock(int block, Shard shard) {
      return block;
    }

    @Override
    public Integer upperBatch(Seed draw, Shard shard) {
      return switch (bug) {
        case UPPER_SAMPLE -> 0;
        case RATIO -> Math.max(0, draw.generator().nextInt(BLOCKS + 4) - 4);
        default -> draw.generator().nextInt(BLOCKS);
      };
    }

    @Override
    public Integer lowerBatch(Seed draw, Shard shard) {
      return draw.generator().nextInt(BLOCKS);
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Integer batch) {
      Tensor off = y.sub(new Scalar((double) batch));
      return off.dot(off).add(x.dot(x));
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Integer batch) {
      Tensor off = y.sub(x);
      return Tensors.scale(0.5 * (1 + batch), off.dot(off));
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", 1);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.of(device, 1), Tensors.of(device, 0));
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @CsvSource({"NONE, false", "UPPER_SAMPLE, true"})
  void minibatchesOfAnotherMeanAreFound(Bug bug, boolean isWrong) {
    assertJudged(bug, isWrong, 40);
  }

  /** A smaller difference needs more estimates. */
  @Tag("slow")
  @Test
  void aBlockThatIsDrawnTooOftenIsFound() {
    assertJudged(Bug.RATIO, true, 100);
  }

  private static void assertJudged(Bug bug, boolean isWrong, int samples) {
    var plan = new CheckPlan(1, List.of(0L), samples, 4, 0, List.of());
    CheckResult result =
        Check.run(new Options(bug).experiment(), plan, new RunListener() {}, s -> {}).result();
    assertThat(result.wrong().isEmpty()).isEqualTo(!isWrong);
    assertThat(result.wrong()).allMatch(each -> each.contains("mean of estimates"));
  }
}
