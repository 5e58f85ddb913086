package org.stackel.run;

import java.nio.file.Path;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;

/**
 * The point at which a run is resumed.
 *
 * @param checkpoint file with the state
 * @param step steps done
 * @param calls oracle calls so far
 * @param seconds in steps so far
 * @param metrics the last evaluation
 * @param stepSizes what the step sizes are multiplied by; less than 1 after a rollback
 */
public record ResumePoint(
    Path checkpoint,
    long step,
    OracleCalls calls,
    double seconds,
    Metrics metrics,
    double stepSizes) {}
