package org.stackel.bilevel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.optim.Directions;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Metrics;
import org.stackel.problem.Minibatches;
import org.stackel.problem.Noise;
import org.stackel.problem.PerExample;
import org.stackel.problem.Sampled;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A problem that was stated by functions, with its tensors. */
class OpenedBilevel<V> implements Sampled<Minibatch> {
  private final Bilevel<V> stated;
  private final DataTensors home;
  private final Device device;
  private final Tensor x0;
  private final Tensor y0;
  private final OpenedLevel<V> upper;
  private final OpenedLevel<V> lower;
  private final @Nullable UnaryOperator<Tensor> projectionX;
  private final @Nullable UnaryOperator<Tensor> projectionY;
  private final List<String> remarks;

  private OpenedBilevel(Bilevel<V> stated, DataTensors home, Seed seed, Device device) {
    this.stated = stated;
    this.home = home;
    this.device = device;
    x0 = home.keep(Tensors.move(stated.x().start().get(), device).clone());
    y0 = home.keep(Tensors.move(stated.y().start().get(), device).clone());
    var data = new LinkedHashMap<String, Tensor>();
    stated.data().forEach((name, tensor) -> data.put(name, home.keep(placed(name, tensor))));
    upper =
        new OpenedLevel<>(
            "upper",
            stated,
            stated.upperSide(),
            stated.upperSamples(),
            data,
            home,
            seed.child("upper"),
            device);
    lower =
        new OpenedLevel<>(
            "lower",
            stated,
            stated.lowerSide(),
            stated.lowerSamples(),
            data,
            home,
            seed.child("lower"),
            device);
    projectionX = projection(stated.x(), stated.constraintX());
    projectionY = projection(stated.y(), stated.constraintY());
    remarks = new ArrayList<>(stated.remarks());
    if (stated.evaluation() == null && (upper.isEvaluatedInPart() || lower.isEvaluatedInPart())) {
      remarks.add(
          "Losses of a level with more than %,d samples are means over that many, the same ones at every evaluation."
              .formatted(OpenedLevel.MAX_EVALUATED));
    }
  }

  /** Opens the problem and looks whether its functions can be used. */
  static <V> OpenedBilevel<V> of(Bilevel<V> stated, DataTensors home, Seed seed, Device device) {
    OpenedBilevel<V> opened =
        stated.isPerExample()
            ? new OfExamples<>(stated, home, seed, device)
            : new OpenedBilevel<>(stated, home, seed, device);
    opened.remarks.addAll(new StartCheck<>(opened, opened.x0, opened.y0).run());
    return opened;
  }

  /** A handle of this problem's own, which shares memory if nothing has to change. */
  private Tensor placed(String name, Tensor tensor) {
    Misuse.checkAlive(Bilevel.dataName(name), tensor);
    return Tensors.move(tensor, device).detach();
  }

  // ---- sets --------------------------------------------------------------------------------

  private @Nullable UnaryOperator<Tensor> projection(
      Variable<V> variable, Bilevel.@Nullable Constraint<V> constraint) {
    if (constraint == null) {
      return null;
    }
    if (constraint.region() instanceof Region.Box box) {
      Tensor low = vector(variable, "box", box.low());
      Tensor high = vector(variable, "box", box.high());
      return flat -> torch.minimum(torch.maximum(flat, low), high);
    }
    if (constraint.region() instanceof Region.Ball ball) {
      Tensor center = vector(variable, "ball", ball.center());
      return flat -> Directions.projectBall(flat, center, ball.radius());
    }
    return flat -> projected(variable, constraint, flat);
  }

  private Tensor vector(Variable<V> variable, String region, List<Double> numbers) {
    if (numbers.size() != 1 && numbers.size() != variable.layout().size()) {
      throw new InvalidInputException(
          "The %s of %s has vectors of %d numbers, but %s of %s has %d."
              .formatted(
                  region,
                  variable.symbol(),
                  numbers.size(),
                  variable.symbol(),
                  stated.owner(),
                  variable.layout().size()),
          "one number for all of them was meant.");
    }
    return home.keep(
        Tensors.of(device, numbers.stream().mapToDouble(Double::doubleValue).toArray()));
  }

  private Tensor projected(Variable<V> variable, Bilevel.Constraint<V> constraint, Tensor flat) {
    UnaryOperator<V> projection = Objects.requireNonNull(constraint.projection());
    String what = "The projection of %s of %s".formatted(variable.symbol(), stated.owner());
    V point =
        Misuse.returned(
            what,
            () -> " with " + variable.words(),
            device,
            () -> projection.apply(variable.view().apply(flat)));
    return variable.flat(what, point);
  }

  @Override
  public boolean isConstrained() {
    return projectionX != null;
  }

  @Override
  public Tensor projectX(Tensor x) {
    return projectionX == null ? x : projectionX.apply(x);
  }

  @Override
  public Tensor projectY(Tensor y) {
    return projectionY == null ? y : projectionY.apply(y);
  }

  // ---- losses ------------------------------------------------------------------------------

  OpenedLevel<V> upper() {
    return upper;
  }

  OpenedLevel<V> lower() {
    return lower;
  }

  Bilevel<V> stated() {
    return stated;
  }

  @Override
  public Tensor upperLoss(Tensor x, Tensor y, Minibatch batch) {
    return upper.at(x, y, batch);
  }

  @Override
  public Tensor lowerLoss(Tensor x, Tensor y, Minibatch batch) {
    return lower.at(x, y, batch);
  }

  @Override
  public Minibatches<Minibatch> upperSamples() {
    return upper.minibatches();
  }

  @Override
  public Minibatches<Minibatch> lowerSamples() {
    return lower.minibatches();
  }

  @Override
  public long sizeOf(Minibatch batch) {
    return batch.size();
  }

  @Override
  public long stepsPerEpoch() {
    return lower.isSampled() ? lowerBlocks().count() : 0;
  }

  @Override
  public @Nullable ClosedForms<Minibatch> closedForms() {
    return stated.forms();
  }

  @Override
  public Noise noise() {
    return stated.noise();
  }

  // ---- the rest ----------------------------------------------------------------------------

  @Override
  public Layout upperLayout() {
    return stated.x().layout();
  }

  @Override
  public Layout lowerLayout() {
    return stated.y().layout();
  }

  @Override
  public Start start(Seed seed) {
    return new Start(x0.clone(), y0.clone());
  }

  @Override
  public Metrics evaluate(Tensor x, Tensor y) {
    var evaluation = stated.evaluation();
    if (evaluation == null) {
      return Metrics.NONE.with("upperLoss", upper.mean(x, y)).with("lowerLoss", lower.mean(x, y));
    }
    return Misuse.returned(
        "The evaluation of " + stated.owner(),
        () -> " with %s and %s".formatted(stated.x().words(), stated.y().words()),
        device,
        () -> evaluation.apply(stated.x().view().apply(x), stated.y().view().apply(y)));
  }

  @Override
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  @Override
  public void close() {
    home.close();
  }

  /** One whose x has a number for each lower sample. */
  private static final class OfExamples<V> extends OpenedBilevel<V>
      implements PerExample<Minibatch> {
    OfExamples(Bilevel<V> stated, DataTensors home, Seed seed, Device device) {
      super(stated, home, seed, device);
      check(lower().isSampled(), "its lower loss takes no minibatch");
      List<Layout.Part> x = upperLayout().parts();
      check(
          x.size() == 1 && x.get(0).shape().equals(List.of((long) lowerSamples().samples())),
          "x is not one vector of %d numbers".formatted(lowerSamples().samples()));
      check(stated.forms() == null, "it has closed forms");
      Bilevel.Constraint<V> constraint = stated.constraintX();
      check(
          constraint == null
              || (constraint.region() instanceof Region.Box box
                  && box.low().size() == 1
                  && box.high().size() == 1),
          "x is kept in a set that is no box of two numbers");
    }

    private void check(boolean isFulfilled, String otherwise) {
      if (!isFulfilled) {
        throw new InvalidInputException(
            "perExample() does not go with %s: %s.".formatted(stated().owner(), otherwise),
            "it can be left out: x is whole in every process then.");
      }
    }

    @Override
    public long lowerBatchSize() {
      return lowerSamples().size();
    }

    @Override
    public Minibatch lowerBatch(Seed draw, Shard shard) {
      return placed(super.lowerBatch(draw, shard), shard);
    }

    @Override
    public Minibatch lowerBlock(int block, Shard shard) {
      return placed(super.lowerBlock(block, shard), shard);
    }

    private static Minibatch placed(Minibatch batch, Shard shard) {
      Shard.Owned owned = shard.owned();
      return owned == null ? batch : batch.inPart(owned.first(), owned.end() - owned.first());
    }
  }
}
