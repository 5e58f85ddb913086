package org.stackel.problem;

/** What may keep an algorithm from running on a problem; known before the problem is opened. */
public enum Property {
  /** Its minibatches are not numbered: it is not a {@link FiniteSum}. */
  UNNUMBERED,
  /** Its options can bound x. */
  BOUNDABLE,
  /** At its default sizes dense second derivatives do not fit. */
  LARGE,
  /** The lower loss is the negative upper one: y maximises what x minimises. */
  SADDLE
}
