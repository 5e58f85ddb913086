package org.stackel.check;

import java.util.List;
import org.stackel.theory.Constants;

/**
 * Constants of a problem as they are along a run. Each is the worst that was met: elsewhere it may
 * be worse, so Lipschitz constants and bounds are at least this, and strong convexity is at most
 * this.
 *
 * @param constants the constants; what could not be had is left out
 * @param scatter what L0 and L1 are fitted to
 * @param remarks remarks for readers, in sentences
 */
public record ConstantsEstimate(
    Constants constants, List<Envelope.Observation> scatter, List<String> remarks) {

  public ConstantsEstimate {
    scatter = List.copyOf(scatter);
    remarks = List.copyOf(remarks);
  }
}
