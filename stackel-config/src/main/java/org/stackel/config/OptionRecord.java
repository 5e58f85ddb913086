package org.stackel.config;

/** Temporary. */
public @interface OptionRecord {}
