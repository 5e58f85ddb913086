package org.stackel.runfile;

import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/** What the budget of a comparison counts. */
@EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
public enum BudgetKind {
  /** Steps of the algorithm, whatever they cost. */
  STEPS,
  /** Wall-clock seconds of initialisation and steps. */
  SECONDS,
  /** Oracle calls of all kinds, including those of the initialisation. */
  ORACLE,
  /** Samples that oracle calls are computed on: a call on a minibatch of b samples counts b. */
  SAMPLES
}
