package org.stackel.runfile;

/**
 * The content of a file that is written as a whole. {@link RunFiles} writes its {@link
 * FormatVersion} before it, and checks it.
 */
public sealed interface WholeFile
    permits BaselinesFile,
        CheckFile,
        ComparisonFile,
        ExperimentFile,
        OutcomeFile,
        ProvenanceFile,
        ReviewInfoFile,
        SheetFile,
        TuneFile {}
