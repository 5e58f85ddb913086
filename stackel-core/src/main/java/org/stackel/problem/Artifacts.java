package org.stackel.problem;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Where a completed run leaves files besides its numbers: its directory, or nowhere. */
public interface Artifacts {
  /** Keeps nothing: for runs without a directory. */
  Artifacts NONE =
      new Artifacts() {
        @Override
        public void text(String name, String content) {}

        @Override
        public void json(String name, Map<String, ?> content) {}

        @Override
        public void tensors(String name, Map<String, Tensor> tensors) {}
      };

  /**
   * Writes a text file, whole or not at all.
   *
   * @param name path in the directory of the run, with {@code /} between folders
   */
  void text(String name, String content);

  /**
   * Writes a JSON file, whole or not at all.
   *
   * @param name path in the directory of the run, with {@code /} between folders
   * @param content maps, lists, texts, numbers, booleans and null
   */
  void json(String name, Map<String, ?> content);

  /**
   * Writes tensors in the safetensors format, whole or not at all.
   *
   * @param name path in the directory of the run, with {@code /} between folders
   */
  void tensors(String name, Map<String, Tensor> tensors);
}
