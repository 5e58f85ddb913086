package org.stackel.problem;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A deterministic problem of two given losses that notes which draws it was asked for. */
public class LossPair implements BilevelProblem<Seed> {
  private final double[] x0;
  private final double[] y0;
  private final Loss upper;
  private final Loss lower;
  private final Noise noise;
  private final List<Seed> upperDraws = new ArrayList<>();
  private final List<Seed> lowerDraws = new ArrayList<>();

  /** A loss. */
  public interface Loss {
    /** A scalar. */
    Tensor at(Tensor x, Tensor y);
  }

  /** A problem in float64 without noise. */
  public LossPair(double[] x0, double[] y0, Loss upper, Loss lower) {
    this(x0, y0, upper, lower, Noise.NONE);
  }

  /** A problem in float64. */
  public LossPair(double[] x0, double[] y0, Loss upper, Loss lower, Noise noise) {
    this.x0 = x0.clone();
    this.y0 = y0.clone();
    this.upper = upper;
    this.lower = lower;
    this.noise = noise;
  }

  /** The draws of upper batches so far. */
  public List<Seed> upperDraws() {
    return List.copyOf(upperDraws);
  }

  /** The draws of lower batches so far. */
  public List<Seed> lowerDraws() {
    return List.copyOf(lowerDraws);
  }

  /** Forgets the draws. */
  public void forget() {
    upperDraws.clear();
    lowerDraws.clear();
  }

  @Override
  public Layout upperLayout() {
    return Layout.vector("x", x0.length);
  }

  @Override
  public Layout lowerLayout() {
    return Layout.vector("y", y0.length);
  }

  @Override
  public Start start(Seed seed) {
    return new Start(Tensors.of(Device.CPU64, x0), Tensors.of(Device.CPU64, y0));
  }

  @Override
  public Seed upperBatch(Seed draw, Shard shard) {
    upperDraws.add(draw);
    return draw;
  }

  @Override
  public Seed lowerBatch(Seed draw, Shard shard) {
    lowerDraws.add(draw);
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
    return Metrics.NONE.with("upperLoss", Tensors.item(upper.at(x, y)));
  }

  @Override
  public Noise noise() {
    return noise;
  }

  @Override
  public void close() {}
}
