package org.stackel.oracle;

/**
 * Numbers of oracle calls. One call is one answer on one minibatch, at any cost; the samples of the
 * minibatches tell how large they were.
 *
 * @param gradientF gradients of the upper loss
 * @param gradientG gradients of the lower loss
 * @param hessianVector products with the lower Hessian
 * @param crossVector products with the lower cross derivative
 * @param samples samples that the calls were computed on: a call on a minibatch of b samples adds b
 */
public record OracleCalls(
    long gradientF, long gradientG, long hessianVector, long crossVector, long samples) {
  /** Never. */
  public static final OracleCalls NONE = new OracleCalls(0, 0, 0, 0, 0);

  /** Calls on one sample each. */
  public OracleCalls(long gradientF, long gradientG, long hessianVector, long crossVector) {
    this(
        gradientF,
        gradientG,
        hessianVector,
        crossVector,
        gradientF + gradientG + hessianVector + crossVector);
  }

  /** The sum of both. */
  public OracleCalls plus(OracleCalls o) {
    return new OracleCalls(
        gradientF + o.gradientF,
        gradientG + o.gradientG,
        hessianVector + o.hessianVector,
        crossVector + o.crossVector,
        samples + o.samples);
  }

  /** All calls together, however many samples they were computed on. */
  public long total() {
    return gradientF + gradientG + hessianVector + crossVector;
  }
}
