package org.stackel.spark;

import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.stackel.sweep.OneRun;

/** A task that makes a run. */
final class RunFunction implements Function<String, String> {
  private static final long serialVersionUID = 1L;

  /** Whoever calls the task off is obeyed after a step, and the state is saved. */
  @Override
  public String call(String task) {
    return OneRun.make(task, TaskContext.get()::isInterrupted);
  }
}
