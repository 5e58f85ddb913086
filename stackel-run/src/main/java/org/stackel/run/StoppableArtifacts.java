package org.stackel.run;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.Artifacts;

/**
 * Artifacts of a run that may be asked to stop while they are made.
 *
 * @param to where they go
 * @param interruption of the run
 */
record StoppableArtifacts(Artifacts to, Interruption interruption) implements Artifacts {
  @Override
  public void checkStop() {
    interruption.check();
  }

  @Override
  public void text(String name, String content) {
    to.text(name, content);
  }

  @Override
  public void json(String name, Map<String, ?> content) {
    to.json(name, content);
  }

  @Override
  public void tensors(String name, Map<String, Tensor> tensors) {
    to.tensors(name, tensors);
  }
}
