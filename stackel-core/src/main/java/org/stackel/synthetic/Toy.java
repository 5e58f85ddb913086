package org.stackel.synthetic;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperScale;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Plain;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * Problems of one number at each level, with {@code y*(x)} and {@code Φ} known.
 *
 * <pre>
 *                           f                  g              y*      Φ'
 *   unbounded-polynomial    ¼ x⁴ + sin y       ½ (y - x)²     x       x³ + cos x
 *   unbounded-exponential   2 cosh x + cos y   ½ (y - x)²     x       2 sinh x - sin x
 *   minimax                 cos x + xy - ½ y²  -f             x       x - sin x
 *   sine                    sin y              ½ y² - y sin x sin x   cos x cos(sin x)
 * </pre>
 *
 * <p>In the first two no number bounds the curvature of Φ, but {@code |Φ''| ≤ L₀ + L₁|Φ'|}, so that
 * gradient descent diverges from far away with any step. {@code sine} is the synthetic problem of
 * the UniBiO scripts with exponent 2.
 *
 * @param name name of the pair of functions
 * @param x0 start of x, any number; 10, 5, 1, 1 for the four functions if left out
 * @param y0 start of y, any number; that of x if left out
 * @param noise noise of the oracle's gradients and products
 */
@OptionRecord
@ProblemInfo(
    name = "toy",
    summary = "one number at each level: unbounded smoothness, minimax, sine; closed forms")
public record Toy(Name name, @Nullable Double x0, @Nullable Double y0, Noise noise)
    implements ProblemOptions, ToyBuilder.With {

  /** The polynomial from 10. */
  public Toy() {
    this(Name.UNBOUNDED_POLYNOMIAL, null, null, Noise.NONE);
  }

  /** Starts from the defaults. */
  public static ToyBuilder builder() {
    return ToyBuilder.of(new Toy());
  }

  /** Which toy. */
  public enum Name {
    /** Φ = ¼ x⁴ + sin x. */
    UNBOUNDED_POLYNOMIAL(10),
    /** Φ = 2 cosh x + cos x. */
    UNBOUNDED_EXPONENTIAL(5),
    /** Φ = cos x + ½ x². */
    MINIMAX(1),
    /** Φ = sin(sin x). */
    SINE(1);

    private final double start;

    Name(double start) {
      this.start = start;
    }

    private Tensor upper(Tensor x, Tensor y) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL ->
            Tensors.scale(0.25, x.pow(new Scalar(4.0)).sum()).add(y.sin().sum());
        case UNBOUNDED_EXPONENTIAL -> Tensors.scale(2, x.cosh().sum()).add(y.cos().sum());
        case MINIMAX -> Tensors.axpy(x.cos().sum().add(x.dot(y)), -0.5, y.dot(y));
        case SINE -> y.sin().sum();
      };
    }

    private Tensor lower(Tensor x, Tensor y) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL, UNBOUNDED_EXPONENTIAL -> {
          Tensor offset = y.sub(x);
          yield Tensors.scale(0.5, offset.dot(offset));
        }
        case MINIMAX -> upper(x, y).neg();
        case SINE -> Tensors.scale(0.5, y.dot(y)).sub(y.dot(x.sin()));
      };
    }

    private double upperInX(double x, double y) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL -> x * x * x;
        case UNBOUNDED_EXPONENTIAL -> 2 * Math.sinh(x);
        case MINIMAX -> y - Math.sin(x);
        case SINE -> 0;
      };
    }

    private double upperInY(double x, double y) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL, SINE -> Math.cos(y);
        case UNBOUNDED_EXPONENTIAL -> -Math.sin(y);
        case MINIMAX -> x - y;
      };
    }

    private double lowerInX(double x, double y) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL, UNBOUNDED_EXPONENTIAL -> x - y;
        case MINIMAX -> Math.sin(x) - y;
        case SINE -> -y * Math.cos(x);
      };
    }

    /** The second derivative of g in x and y; that in y twice is 1. */
    private double lowerCross(double x) {
      return this == SINE ? -Math.cos(x) : -1;
    }

    private double solution(double x) {
      return this == SINE ? Math.sin(x) : x;
    }

    private double slope(double x) {
      return switch (this) {
        case UNBOUNDED_POLYNOMIAL -> x * x * x + Math.cos(x);
        case UNBOUNDED_EXPONENTIAL -> 2 * Math.sinh(x) - Math.sin(x);
        case MINIMAX -> x - Math.sin(x);
        case SINE -> Math.cos(x) * Math.cos(Math.sin(x));
      };
    }
  }

  public Toy {
    var rules = new Rules("toy");
    rules.finite("x0", x0 == null ? 0 : x0);
    rules.finite("y0", y0 == null ? 0 : y0);
  }

  @Override
  public Goal goal() {
    return Goal.CLOSED_FORM;
  }

  @Override
  public BilevelProblem<Seed> open(Seed data, Device device) {
    return new Opened(device);
  }

  private final class Opened implements OneBlock {
    private final Device device;

    Opened(Device device) {
      this.device = device;
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
      double x = x0 == null ? name.start : x0;
      return new Start(Tensors.of(device, x), Tensors.of(device, y0 == null ? x : y0));
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
      return name.upper(x, y);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
      return name.lower(x, y);
    }

    @Override
    public @Nullable ClosedForms<Seed> closedForms() {
      return device.kind() == Device.Kind.CPU ? new Forms() : null;
    }

    /** Of single numbers, so {@code ∇y g = y - y*(x)}. */
    private final class Forms implements ClosedForms<Seed> {
      @Override
      public Partials upperGradient(Tensor x, Tensor y, Seed batch) {
        double atX = number(x);
        double atY = number(y);
        return new Partials(
            Plain.like(x, name.upperInX(atX, atY)), Plain.like(y, name.upperInY(atX, atY)));
      }

      @Override
      public Tensor lowerGradientY(Tensor x, Tensor y, Seed batch) {
        return Plain.like(y, number(y) - name.solution(number(x)));
      }

      @Override
      public Tensor lowerGradientX(Tensor x, Tensor y, Seed batch) {
        return Plain.like(x, name.lowerInX(number(x), number(y)));
      }

      @Override
      public Tensor hessianVector(Tensor x, Tensor y, Tensor v, Seed batch) {
        return v.detach();
      }

      @Override
      public Tensor crossVector(Tensor x, Tensor y, Tensor v, Seed batch) {
        return Plain.like(x, name.lowerCross(number(x)) * number(v));
      }

      private static double number(Tensor vector) {
        return Plain.numbers(vector)[0];
      }
    }

    @Override
    public Noise noise() {
      return noise;
    }

    /** x itself; both losses at (x, y); {@code Φ(x)}, {@code |Φ'(x)|} and {@code |y - y*(x)|}. */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      double at = Tensors.item(x);
      double solution = name.solution(at);
      return Metrics.NONE
          .with("x", at)
          .with("upperLoss", Tensors.item(name.upper(x, y)))
          .with("lowerLoss", Tensors.item(name.lower(x, y)))
          .with("valueFunction", Tensors.item(name.upper(x, Tensors.of(device, solution))))
          .with("hypergradientNorm", Math.abs(name.slope(at)))
          .with("lowerDistance", Math.abs(Tensors.item(y) - solution));
    }

    @Override
    public Scales scales(long steps) {
      double at = x0 == null ? name.start : x0;
      UpperScale phi =
          UpperScale.at(
              x -> Tensors.of(device, name.slope(Tensors.item(x))), Tensors.of(device, at));
      return Scales.smooth(2, 2, 0, phi, 10, 1, steps, true);
    }

    @Override
    public void close() {}
  }
}
