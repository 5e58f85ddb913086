package org.stackel.model;

/** What a recurrent network computes at a time step. */
public enum Cell {
  /** {@code h' = tanh(W x + b + U h + c)}. */
  ELMAN(1),

  /**
   * Gates i, f, o and a cell state c: {@code c' = f ∘ c + i ∘ tanh(…)}, {@code h' = o ∘ tanh(c')}.
   * Rows of its weights in PyTorch's order i, f, g, o.
   */
  LSTM(4),

  /**
   * Gates r, z: {@code n = tanh(W x + b + r ∘ (U h + c))}, {@code h' = (1 - z) ∘ n + z ∘ h}. Rows
   * of its weights in PyTorch's order r, z, n.
   */
  GRU(3);

  private final int gates;

  Cell(int gates) {
    this.gates = gates;
  }

  /** Rows of the weights, per number of the state. */
  int gates() {
    return gates;
  }
}
