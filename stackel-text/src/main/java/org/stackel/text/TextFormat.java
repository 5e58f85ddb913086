package org.stackel.text;

import org.stackel.config.OptionRecord;

/** How labelled texts are written down. */
@OptionRecord
public enum TextFormat {
  /** Whatever the first line looks like; a table if columns are named. */
  AUTO,
  /** CSV, TSV or JSONL with a header or keys. See {@link Examples}. */
  TABLE,
  /**
   * Natural language inference, as in SNLI and MultiNLI: one JSON object a line, a CSV, or a TSV
   * with a header in which quotes are characters like others. Pairs without an agreed label are
   * left out.
   */
  NLI,
  /** Sentiment140: CSV without a header, six columns; neutral tweets are left out. */
  SENTIMENT140,
  /**
   * Reviews in a directory, {@code <domain>/positive.review} and {@code negative.review}, with tags
   * that are no XML (Blitzer, Dredze, Pereira 2007).
   */
  AMAZON_BLITZER,
  /**
   * Reviews as one JSON object a line, with {@code reviewText} and {@code overall} or with {@code
   * text} and {@code rating} (McAuley). Four and five stars are positive, one and two negative;
   * three are left out.
   */
  AMAZON_MCAULEY,
  /** AG News: CSV without a header: class 1 to 4, title, description. */
  AG_NEWS,
  /**
   * CSV without a header: a class as a whole number, then one to three texts, such as title and
   * review, which are joined.
   */
  CLASS_FIRST,
  /** TREC questions: {@code COARSE:fine question} a line. */
  TREC
}
