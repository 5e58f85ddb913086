package org.stackel.processor;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The characters that HTML has names for: those of HTML 4, which browsers and doclint know. */
final class Entities {
  /** From U+00A0 on. */
  private static final String LATIN =
      "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn"
          + " sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest"
          + " Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave"
          + " Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave"
          + " Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig"
          + " ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute"
          + " ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

  /** From U+0391 on; U+03A2 is free. */
  private static final String CAPITALS =
      "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho"
          + " - Sigma Tau Upsilon Phi Chi Psi Omega";

  /** From U+03B1 on. */
  private static final String GREEK =
      "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
          + " sigmaf sigma tau upsilon phi chi psi omega";

  private static final String OTHERS =
      "quot \" apos ' amp & lt < gt > thetasym ϑ upsih ϒ piv ϖ OElig Œ oelig œ Scaron Š scaron š"
          + " Yuml Ÿ fnof ƒ circ ˆ tilde ˜ ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ”"
          + " bdquo „ dagger † Dagger ‡ bull • hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo ›"
          + " oline ‾ frasl ⁄ euro € image ℑ weierp ℘ real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr →"
          + " darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ forall ∀ part ∂ exist ∃"
          + " empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝"
          + " infin ∞ ang ∠ and ∧ or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡"
          + " le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈"
          + " rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦";

  private static final Map<String, String> NAMED = named();

  private Entities() {}

  private static Map<String, String> named() {
    var named = new HashMap<String, String>();
    number(LATIN, 0xa0, named);
    number(CAPITALS, 0x391, named);
    number(GREEK, 0x3b1, named);
    String[] others = OTHERS.split(" ", -1);
    for (int i = 0; i < others.length; i += 2) {
      named.put(others[i], others[i + 1]);
    }
    for (String space : new String[] {"nbsp", "ensp", "emsp", "thinsp"}) {
      named.put(space, " ");
    }
    for (String nothing : new String[] {"shy", "zwnj", "zwj", "lrm", "rlm"}) {
      named.put(nothing, "");
    }
    return named;
  }

  private static void number(String names, int first, Map<String, String> named) {
    int code = first;
    for (String name : names.split(" ", -1)) {
      named.put(name, Character.toString(code++));
    }
  }

  /**
   * What an entity stands for.
   *
   * @param name what is between ampersand and semicolon: a name, or a number behind {@code #}
   * @return null if there is no such entity
   */
  static @Nullable String character(String name) {
    if (!name.matches("#(\\d{1,7}|[xX][0-9a-fA-F]{1,6})")) {
      return NAMED.get(name);
    }
    boolean isHex = Character.toLowerCase(name.charAt(1)) == 'x';
    int code =
        isHex ? Integer.parseInt(name.substring(2), 16) : Integer.parseInt(name.substring(1));
    return Character.isValidCodePoint(code) ? Character.toString(code) : null;
  }
}
