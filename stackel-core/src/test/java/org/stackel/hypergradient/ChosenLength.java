package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;

import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;

/**
 * An oracle whose random numbers are chosen.
 *
 * @param oracle everything else
 * @param bound what must be asked for
 * @param length the number
 */
public record ChosenLength(StochasticOracle oracle, int bound, int length)
    implements StochasticOracle {
  @Override
  public SampledObjective upper() {
    return oracle.upper();
  }

  @Override
  public SampledObjective lower() {
    return oracle.lower();
  }

  @Override
  public SampledObjective freshLower() {
    return oracle.freshLower();
  }

  @Override
  public boolean sharesSamples() {
    return oracle.sharesSamples();
  }

  @Override
  public int uniform(int limit) {
    assertThat(limit).isEqualTo(bound);
    return length;
  }
}
