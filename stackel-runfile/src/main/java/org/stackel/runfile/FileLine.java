package org.stackel.runfile;

/** A line of a file that {@link RunFiles} reads line by line. */
public sealed interface FileLine permits StepLine, ReviewLine {}
