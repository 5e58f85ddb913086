package org.stackel.problem;

/** How an algorithm moves x. It decides which step sizes suit a problem. */
public enum UpperStep {
  /** By its step size along a direction of length 1. */
  NORMALIZED,
  /** Like Adam: every component of x by about the step size. */
  ADAM,
  /** By its step size times an estimate of the hypergradient. */
  PLAIN
}
