package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.Blocks;
import org.stackel.tensor.Layout;

/**
 * An oracle that asks another one, with each drawn loss in the hands of a subclass. {@link
 * #products} is that of the interface, so that its losses pass through {@link #wrap} too.
 */
public abstract class ForwardingOracle implements StochasticOracle {
  private final StochasticOracle oracle;

  /** Asks the given oracle. */
  protected ForwardingOracle(StochasticOracle oracle) {
    this.oracle = oracle;
  }

  /**
   * What a draw gives in place of the loss that the other oracle drew.
   *
   * @param isUpper whether it is the upper loss
   */
  protected abstract SampledObjective wrap(SampledObjective loss, boolean isUpper);

  private SampledBlock wrap(SampledBlock block, boolean isUpper) {
    return new SampledBlock(
        block.number(), block.weight(), wrap(block.loss(), isUpper), block.own());
  }

  @Override
  public SampledObjective upper() {
    return wrap(oracle.upper(), true);
  }

  @Override
  public SampledObjective lower() {
    return wrap(oracle.lower(), false);
  }

  @Override
  public SampledObjective freshLower() {
    return wrap(oracle.freshLower(), false);
  }

  @Override
  public boolean sharesSamples() {
    return oracle.sharesSamples();
  }

  @Override
  public void together(Tensor x) {
    oracle.together(x);
  }

  @Override
  public int uniform(int bound) {
    return oracle.uniform(bound);
  }

  @Override
  public boolean isWatched() {
    return oracle.isWatched();
  }

  @Override
  public void broke(Breakdown breakdown) {
    oracle.broke(breakdown);
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
    return wrap(oracle.upperBlock(), true);
  }

  @Override
  public SampledBlock lowerBlock() {
    return wrap(oracle.lowerBlock(), false);
  }

  @Override
  public SampledBlock lowerBlock(int number) {
    return wrap(oracle.lowerBlock(number), false);
  }

  @Override
  public boolean isFiniteSum() {
    return oracle.isFiniteSum();
  }

  @Override
  public boolean isPerExample() {
    return oracle.isPerExample();
  }

  @Override
  public Layout upperLayout() {
    return oracle.upperLayout();
  }

  @Override
  public Tensor normX(Tensor v) {
    return oracle.normX(v);
  }

  @Override
  public Tensor dotX(Tensor a, Tensor b) {
    return oracle.dotX(a, b);
  }

  @Override
  public Tensor normalizedStep(Tensor x, Tensor m, double lr) {
    return oracle.normalizedStep(x, m, lr);
  }

  @Override
  public Tensor projectX(Tensor x) {
    return oracle.projectX(x);
  }

  @Override
  public Tensor projectY(Tensor y) {
    return oracle.projectY(y);
  }
}
