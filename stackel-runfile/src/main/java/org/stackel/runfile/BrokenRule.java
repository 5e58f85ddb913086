package org.stackel.runfile;

/** A component of a record breaks its rule. {@link RunFiles} adds file, line, path and value. */
final class BrokenRule extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private final String key;
  private final String rule;
  private final String maybe;

  /**
   * @param key name of the component
   * @param rule what it must be, as the end of a sentence
   * @param maybe what could help, a sentence without its first word "Maybe"
   */
  BrokenRule(String key, String rule, String maybe) {
    super("'%s' %s.".formatted(key, rule));
    this.key = key;
    this.rule = rule;
    this.maybe = maybe;
  }

  static BrokenRule missing(String key) {
    return new BrokenRule(key, "is missing", "another version of Stackel wrote the file.");
  }

  String key() {
    return key;
  }

  String rule() {
    return rule;
  }

  String maybe() {
    return maybe;
  }
}
