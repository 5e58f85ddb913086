package org.stackel.oracle;

/**
 * Numbers of oracle calls. One call is one answer on one minibatch, at any cost.
 *
 * @param gradientF gradients of the upper loss
 * @param gradientG gradients of the lower loss
 * @param hessianVector products with the lower Hessian
 * @param crossVector products with the lower cross derivative
 */
public record OracleCalls(long gradientF, long gradientG, long hessianVector, long crossVector) {
  /** Never. */
  public static final OracleCalls NONE = new OracleCalls(0, 0, 0, 0);

  /** The sum of both. */
  public OracleCalls plus(OracleCalls o) {
    return new OracleCalls(
        gradientF + o.gradientF,
        gradientG + o.gradientG,
        hessianVector + o.hessianVector,
        crossVector + o.crossVector);
  }

  /** All calls together. */
  public long total() {
    return gradientF + gradientG + hessianVector + crossVector;
  }
}
