package org.stackel.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.SampledBlock;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Blocks;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Tensors;

/** Writes down which sample is evaluated at which point. */
final class RecordingOracle implements StochasticOracle {
  private final StochasticOracle oracle;
  private final Visits visits;

  RecordingOracle(StochasticOracle oracle, Visits visits) {
    this.oracle = oracle;
    this.visits = visits;
  }

  /**
   * One evaluation.
   *
   * @param call what was asked for
   * @param sample number of the sample
   * @param point number of the point; equal numbers, equal points
   */
  record Visit(String call, int sample, int point) {}

  /** Evaluations in their order, over several steps. */
  static final class Visits {
    private final IdentityHashMap<SampledObjective, Integer> samples = new IdentityHashMap<>();
    private final Map<List<Double>, Integer> points = new HashMap<>();
    private List<Visit> visits = new ArrayList<>();

    private int sample(SampledObjective objective) {
      return samples.computeIfAbsent(objective, o -> samples.size());
    }

    private void add(String call, int sample, Tensor x, Tensor y) {
      var numbers = new ArrayList<Double>();
      Arrays.stream(Tensors.toArray(x)).forEach(numbers::add);
      Arrays.stream(Tensors.toArray(y)).forEach(numbers::add);
      int point = points.computeIfAbsent(numbers, p -> points.size());
      visits.add(new Visit(call, sample, point));
    }

    /** Those since the last call. */
    List<Visit> take() {
      List<Visit> taken = visits;
      visits = new ArrayList<>();
      return taken;
    }
  }

  @Override
  public SampledObjective upper() {
    return recorded(oracle.upper(), "∇f");
  }

  @Override
  public SampledObjective lower() {
    return recorded(oracle.lower(), "∇g");
  }

  @Override
  public SampledObjective freshLower() {
    return recorded(oracle.freshLower(), "∇g");
  }

  @Override
  public boolean sharesSamples() {
    return oracle.sharesSamples();
  }

  @Override
  public int uniform(int bound) {
    return oracle.uniform(bound);
  }

  @Override
  public Blocks upperBlocks() {
    return oracle.upperBlocks();
  }

  @Override
  public Blocks lowerBlocks() {
    return oracle.lowerBlocks();
  }

  @Override
  public SampledBlock upperBlock() {
    SampledBlock block = oracle.upperBlock();
    return new SampledBlock(block.number(), block.weight(), recorded(block.loss(), "∇f"));
  }

  @Override
  public SampledBlock lowerBlock() {
    SampledBlock block = oracle.lowerBlock();
    return new SampledBlock(block.number(), block.weight(), recorded(block.loss(), "∇g"));
  }

  @Override
  public Layout upperLayout() {
    return oracle.upperLayout();
  }

  @Override
  public Tensor projectX(Tensor x) {
    return oracle.projectX(x);
  }

  @Override
  public Tensor projectY(Tensor y) {
    return oracle.projectY(y);
  }

  private SampledObjective recorded(SampledObjective objective, String gradient) {
    return new Recorded(objective, gradient, visits.sample(objective));
  }

  private final class Recorded implements SampledObjective {
    private static final String HESSIAN = "Hessian products";
    private static final String CROSS = "cross products";

    private final SampledObjective objective;
    private final String gradient;
    private final int sample;

    Recorded(SampledObjective objective, String gradient, int sample) {
      this.objective = objective;
      this.gradient = gradient;
      this.sample = sample;
    }

    private void visit(String call, Tensor x, Tensor y) {
      visits.add(call, sample, x, y);
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      visit(gradient, x, y);
      return objective.value(x, y);
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      visit(gradient, x, y);
      return objective.gradient(x, y);
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      visit(gradient, x, y);
      return objective.gradientY(x, y);
    }

    @Override
    public Tensor hessianVector(Tensor x, Tensor y, Tensor v) {
      visit(HESSIAN, x, y);
      return objective.hessianVector(x, y, v);
    }

    @Override
    public Tensor crossVector(Tensor x, Tensor y, Tensor v) {
      visit(CROSS, x, y);
      return objective.crossVector(x, y, v);
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      visit(HESSIAN, x, y);
      return objective.hessianVector(x, y, v);
    }

    @Override
    public SampledObjective again() {
      return new Recorded(objective.again(), gradient, sample);
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      Linearization at = objective.linearize(x, y);
      return new Linearization() {
        @Override
        public Tensor gradY() {
          visit(gradient, x, y);
          return at.gradY();
        }

        @Override
        public Tensor hessianVector(Tensor v) {
          visit(HESSIAN, x, y);
          return at.hessianVector(v);
        }

        @Override
        public Tensor crossVector(Tensor v) {
          visit(CROSS, x, y);
          return at.crossVector(v);
        }

        @Override
        public Products products(Tensor v) {
          visit(HESSIAN, x, y);
          visit(CROSS, x, y);
          return at.products(v);
        }

        @Override
        public SecondDerivatives dense() {
          visit(HESSIAN, x, y);
          visit(CROSS, x, y);
          return at.dense();
        }
      };
    }
  }
}
