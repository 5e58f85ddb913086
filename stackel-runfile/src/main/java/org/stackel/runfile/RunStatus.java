package org.stackel.runfile;

import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/** How a run ended. */
@EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
public enum RunStatus {
  /** All steps are done, or a budget is spent. */
  COMPLETED,
  /** A component of the state, or a loss, is not finite. */
  DIVERGED,
  /** It was asked to stop and can be resumed. */
  STOPPED
}
