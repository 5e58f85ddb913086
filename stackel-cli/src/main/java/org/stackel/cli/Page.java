package org.stackel.cli;

import java.io.PrintWriter;

/** Something that {@code stackel list} prints. */
interface Page {
  /** For people. */
  void print(PrintWriter out);

  /** For programs. */
  String json();
}
