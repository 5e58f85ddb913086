package org.stackel.algorithm;

/** What decides whether an algorithm and a problem go together. */
public enum Trait {
  /** Keeps x in the problem's set after every move; without it x must be free. */
  PROJECTS_X,
  /** Remembers something of every minibatch: the problem must be a finite sum of them. */
  NEEDS_FINITE_SUM,
  /** Asks for dense second derivatives: the problem must be small. */
  NEEDS_DENSE
}
