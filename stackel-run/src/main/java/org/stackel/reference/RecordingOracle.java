package org.stackel.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.ForwardingOracle;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/** Writes down which sample is evaluated at which point. */
final class RecordingOracle extends ForwardingOracle {
  private final Visits visits;

  RecordingOracle(StochasticOracle oracle, Visits visits) {
    super(oracle);
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
  protected SampledObjective wrap(SampledObjective loss, boolean isUpper) {
    return new Recorded(loss, isUpper ? "∇f" : "∇g", visits.sample(loss));
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

    @Override
    public long samples() {
      return objective.samples();
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
