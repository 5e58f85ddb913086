package org.stackel.oracle;

import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The oracle of a problem during one step, by libtorch's autograd.
 *
 * <p>Nothing is computed twice: features of a {@link FeatureProblem} are kept per x and sample, a
 * linearisation per point and sample, and where x is held fixed nothing upstream of it is
 * differentiated. Points are recognised by identity, so a step should pass the same tensor objects.
 * What is kept belongs to the scope it was made in: an oracle lives no longer than its step's
 * scope, and what was kept in a nested scope is computed anew after it.
 *
 * @param <B> a minibatch
 */
public final class AutogradOracle<B> implements StochasticOracle {
  private final BilevelProblem<B> problem;
  private final Seed step;
  private final Sampling sampling;
  private final Shard shard;
  private long upperDraws;
  private long lowerDraws;
  private long freshDraws;
  private long integers;
  private long upperBlockDraws;
  private long lowerBlockDraws;
  private @Nullable Sample sharedUpper;
  private @Nullable Sample sharedLower;

  /**
   * @param step the seed of the step: draws are its children
   * @param shard this rank's part of every batch
   */
  public AutogradOracle(BilevelProblem<B> problem, Seed step, Sampling sampling, Shard shard) {
    this.problem = problem;
    this.step = step;
    this.sampling = sampling;
    this.shard = shard;
  }

  @Override
  public SampledObjective upper() {
    if (sharesSamples()) {
      if (sharedUpper == null) {
        sharedUpper = drawUpper();
      }
      return sharedUpper;
    }
    return drawUpper();
  }

  @Override
  public SampledObjective lower() {
    if (sharesSamples()) {
      if (sharedLower == null) {
        sharedLower = drawLower("lower", lowerDraws++);
      }
      return sharedLower;
    }
    return drawLower("lower", lowerDraws++);
  }

  @Override
  public SampledObjective freshLower() {
    return drawLower("fresh", freshDraws++);
  }

  @Override
  public boolean sharesSamples() {
    return sampling == Sampling.SHARED || problem.drawsOnce();
  }

  @Override
  public int uniform(int bound) {
    return step.child("integer").child(integers++).generator().nextInt(bound);
  }

  @Override
  public Blocks upperBlocks() {
    return finiteSum().upperBlocks();
  }

  @Override
  public Blocks lowerBlocks() {
    return finiteSum().lowerBlocks();
  }

  @Override
  public SampledBlock upperBlock() {
    Seed draw = step.child("upper-block").child(upperBlockDraws++);
    int block = upperBlocks().draw(draw);
    var sample = new Sample(true, () -> finiteSum().upperBlock(block, shard), draw);
    return new SampledBlock(block, upperBlocks().weight(block), sample);
  }

  @Override
  public SampledBlock lowerBlock() {
    Seed draw = step.child("lower-block").child(lowerBlockDraws++);
    int block = lowerBlocks().draw(draw);
    var sample = new Sample(false, () -> finiteSum().lowerBlock(block, shard), draw);
    return new SampledBlock(block, lowerBlocks().weight(block), sample);
  }

  private FiniteSum<B> finiteSum() {
    if (problem instanceof FiniteSum<B> sum) {
      return sum;
    }
    throw new UnsupportedOperationException("The problem is no finite sum.");
  }

  @Override
  public Layout upperLayout() {
    return problem.upperLayout();
  }

  @Override
  public Tensor projectX(Tensor x) {
    return problem.projectX(x);
  }

  @Override
  public Tensor projectY(Tensor y) {
    return problem.projectY(y);
  }

  private Seed draw(String role, long index) {
    return problem.drawsOnce() ? step.child("once") : step.child(role).child(index);
  }

  private Sample drawUpper() {
    Seed draw = draw("upper", upperDraws++);
    return new Sample(true, () -> problem.upperBatch(draw, shard), draw);
  }

  private Sample drawLower(String role, long index) {
    Seed draw = draw(role, index);
    return new Sample(false, () -> problem.lowerBatch(draw, shard), draw);
  }

  @SuppressWarnings("ReferenceEquality") // comparing numbers would cost more than it saves
  private static boolean same(Tensor a, Tensor b) {
    return a == b;
  }

  private static Tensor leaf(Tensor tensor) {
    return tensor.detach().set_requires_grad(true);
  }

  private static String shapes(Tensor x, Tensor y) {
    return "x of shape %s, y of shape %s".formatted(Tensors.shape(x), Tensors.shape(y));
  }

  private static <T> T guarded(String operation, Tensor x, Tensor y, Supplier<T> body) {
    return guarded(operation, () -> shapes(x, y), body);
  }

  private static <T> T guarded(String operation, Supplier<String> shapes, Supplier<T> body) {
    try {
      return body.get();
    } catch (RuntimeException e) {
      // JavaCPP throws plain RuntimeException for every C++ exception.
      if (e.getClass() == RuntimeException.class) {
        throw new OracleException(operation, shapes.get(), e);
      }
      throw e;
    }
  }

  /** Gradients of a scalar or of ⟨output, v⟩; zeros where an input plays no part. */
  private static Tensor[] grad(Tensor output, @Nullable Tensor v, Graph graph, Tensor... inputs) {
    Tensor[] gradients = new Tensor[inputs.length];
    if (!output.requires_grad()) {
      for (int i = 0; i < inputs.length; i++) {
        gradients[i] = Tensors.zerosLike(inputs[i]);
      }
      return gradients;
    }
    TensorVector answers =
        torch.grad(
            new TensorVector(output),
            new TensorVector(inputs),
            v == null ? new TensorVector() : new TensorVector(v),
            new BoolOptional(graph != Graph.DROP),
            graph == Graph.EXTEND,
            true);
    for (int i = 0; i < inputs.length; i++) {
      Tensor borrowed = answers.get(i);
      gradients[i] = borrowed.defined() ? new Tensor(borrowed) : Tensors.zerosLike(inputs[i]);
    }
    return gradients;
  }

  /** What becomes of the graph after a backward pass. */
  private enum Graph {
    /** It is freed. */
    DROP,
    /** It stays for more passes. */
    KEEP,
    /** It stays, and the answer carries a graph itself. */
    EXTEND
  }

  /** One loss on one sample. */
  private final class Sample implements SampledObjective {
    private final boolean isUpper;
    private final Supplier<B> source;
    private final B batch;
    private final Seed draw;
    private @Nullable Features features;
    private @Nullable Linearized linearized;

    Sample(boolean isUpper, Supplier<B> source, Seed draw) {
      this.isUpper = isUpper;
      this.source = source;
      batch = source.get();
      this.draw = draw;
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      return guarded(
          "The value of " + name(),
          x,
          y,
          () -> {
            Tensor loss = isUpper ? problem.upperLoss(x, y, batch) : problem.lowerLoss(x, y, batch);
            if (problem.noise().gradient() == 0) {
              return loss;
            }
            // Noise on gradients is a linear term of the sampled loss.
            return loss.add(gradientNoise("x", x).dot(x)).add(gradientNoise("y", y).dot(y));
          });
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      return guarded(
          "The gradient of " + name(),
          x,
          y,
          () -> {
            Features at = features(x, true);
            Tensor yLeaf = leaf(y);
            Tensor[] g = grad(loss(at.leaf, yLeaf), null, Graph.DROP, at.leaf, yLeaf);
            return new Gradient(noisy("x", at.pullBack(g[0])), noisy("y", g[1]));
          });
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      if (linearized != null && linearized.isAt(x, y)) {
        return linearized.gradY();
      }
      return guarded(
          "The gradient in y of " + name(),
          x,
          y,
          () -> {
            Features at = features(x, isShared());
            Tensor yLeaf = leaf(y);
            return noisy("y", grad(loss(at.leaf.detach(), yLeaf), null, Graph.DROP, yLeaf)[0]);
          });
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      if (linearized == null || !linearized.isAt(x, y)) {
        linearized =
            guarded("The linearisation of " + name(), x, y, () -> new Linearized(this, x, y));
      }
      return linearized;
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      return guarded(
          "A product with the whole Hessian of " + name(),
          x,
          y,
          () -> {
            Tensor xLeaf = leaf(x);
            Tensor yLeaf = leaf(y);
            Tensor loss =
                isUpper
                    ? problem.upperLoss(xLeaf, yLeaf, batch)
                    : problem.lowerLoss(xLeaf, yLeaf, batch);
            Tensor[] g = grad(loss, null, Graph.EXTEND, xLeaf, yLeaf);
            Tensor slope = g[0].dot(v.x()).add(g[1].dot(v.y()));
            Tensor[] product = grad(slope, null, Graph.DROP, xLeaf, yLeaf);
            double sd = problem.noise().hessian();
            return sd == 0
                ? new Gradient(product[0], product[1])
                : new Gradient(
                    product[0].add(noiseLike(draw.child("whole-x"), sd, product[0])),
                    product[1].add(noiseLike(draw.child("whole-y"), sd, product[1])));
          });
    }

    @Override
    public SampledObjective again() {
      return new Sample(isUpper, source, draw);
    }

    /** Whether products of this step are likely to follow, which need the features' graph. */
    @SuppressWarnings("ReferenceEquality")
    private boolean isShared() {
      return this == sharedLower || this == sharedUpper;
    }

    private String name() {
      return isUpper ? "the upper loss" : "the lower loss";
    }

    Tensor loss(Tensor features, Tensor y) {
      if (problem instanceof FeatureProblem<B> f) {
        return isUpper ? f.upperLossOf(features, y, batch) : f.lowerLossOf(features, y, batch);
      }
      return isUpper
          ? problem.upperLoss(features, y, batch)
          : problem.lowerLoss(features, y, batch);
    }

    Features features(Tensor x, boolean withGraph) {
      if (features == null || !features.isAt(x) || (withGraph && !features.hasGraph())) {
        features = new Features(x, withGraph);
      }
      return features;
    }

    Tensor noisy(String role, Tensor gradient) {
      double sd = problem.noise().gradient();
      return sd == 0 ? gradient : gradient.add(gradientNoise(role, gradient));
    }

    private Tensor gradientNoise(String role, Tensor like) {
      return noiseLike(draw.child(role), problem.noise().gradient(), like);
    }

    /** What the losses see of x: features, or x itself. */
    private final class Features {
      final Tensor x;
      final Tensor leaf;
      private final Tensor xLeaf;
      private final @Nullable Tensor output;

      Features(Tensor x, boolean withGraph) {
        this.x = x;
        xLeaf = withGraph ? leaf(x) : x.detach();
        if (problem instanceof FeatureProblem<B> f) {
          output = f.features(xLeaf, batch);
          leaf = withGraph ? leaf(output) : output;
        } else {
          output = null;
          leaf = xLeaf;
        }
      }

      /** Not if the scope that it was made in is closed. */
      boolean isAt(Tensor other) {
        return same(x, other) && !leaf.isNull();
      }

      boolean hasGraph() {
        return xLeaf.requires_grad();
      }

      /** From a gradient in the features to one in x. */
      Tensor pullBack(Tensor gradient) {
        return output == null ? gradient : grad(output, gradient, Graph.KEEP, xLeaf)[0];
      }
    }
  }

  private static Tensor noiseLike(Seed seed, double sd, Tensor like) {
    long[] shape = Tensors.shape(like).stream().mapToLong(Long::longValue).toArray();
    return Tensors.scale(sd, Tensors.randn(seed, Device.CPU64, shape).to(like));
  }

  /** The gradient map of one sample at one point. */
  private final class Linearized implements Linearization {
    private final Sample sample;
    private final Tensor x;
    private final Tensor y;
    private final Sample.Features features;
    private final Tensor yLeaf;
    private final Tensor gradY;
    private long products;

    Linearized(Sample sample, Tensor x, Tensor y) {
      this.sample = sample;
      this.x = x;
      this.y = y;
      features = sample.features(x, true);
      yLeaf = leaf(y);
      gradY = grad(sample.loss(features.leaf, yLeaf), null, Graph.EXTEND, yLeaf)[0];
    }

    /** Not if the scope that it was made in is closed. */
    boolean isAt(Tensor otherX, Tensor otherY) {
      return same(x, otherX) && same(y, otherY) && !gradY.isNull();
    }

    @Override
    public Tensor gradY() {
      return sample.noisy("y", gradY.detach());
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      return guarded(
          "A Hessian-vector product",
          () -> shapes(v),
          () -> noisy("hessian", grad(gradY, v, Graph.KEEP, yLeaf)[0]));
    }

    @Override
    public Tensor crossVector(Tensor v) {
      return guarded(
          "A cross-vector product",
          () -> shapes(v),
          () -> noisy("cross", features.pullBack(grad(gradY, v, Graph.KEEP, features.leaf)[0])));
    }

    @Override
    public Products products(Tensor v) {
      return guarded(
          "Hessian- and cross-vector products",
          () -> shapes(v),
          () -> {
            Tensor[] both = grad(gradY, v, Graph.KEEP, yLeaf, features.leaf);
            return new Products(
                noisy("hessian", both[0]), noisy("cross", features.pullBack(both[1])));
          });
    }

    @Override
    public SecondDerivatives dense() {
      if (problem instanceof DenseSecondOrder<B> closed && problem.noise().hessian() == 0) {
        return guarded(
            "The dense second derivatives",
            x,
            y,
            () ->
                new SecondDerivatives(
                    closed.lowerHessian(x, y, sample.batch),
                    closed.lowerCross(x, y, sample.batch)));
      }
      return Linearization.super.dense();
    }

    private String shapes(Tensor v) {
      return "%s, v of shape %s".formatted(AutogradOracle.shapes(x, y), Tensors.shape(v));
    }

    /** The k-th product of every linearisation of a sample has the same noise, wherever it is. */
    private Tensor noisy(String role, Tensor product) {
      Noise noise = problem.noise();
      if (noise.hessian() == 0) {
        return product;
      }
      Seed seed = sample.draw.child(role).child(products++);
      return product.add(noiseLike(seed, noise.hessian(), product));
    }
  }
}
