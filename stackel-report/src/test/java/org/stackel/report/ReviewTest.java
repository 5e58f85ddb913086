package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReviewTest {
  @TempDir Path directory;

  private String page(Path run, int limit) throws IOException {
    Path out = directory.resolve("review.html");
    Review.write(run, out, limit);
    return Files.readString(out);
  }

  private static JsonNode data(String html) {
    var matcher = Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL).matcher(html);
    assertThat(matcher.find()).isTrue();
    return JsonMapper.shared().readTree(matcher.group(1));
  }

  @Test
  void textOfUsersIsNeverMarkup() throws IOException {
    String html = page(Fixtures.review(directory.resolve("run"), 30), 100);

    assertThat(html)
        .contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .contains("<title>Review: tickets &lt;script&gt;</title>")
        .doesNotContain("<img", "<script>window.hacked", "\u2028")
        .doesNotContainPattern("https?:")
        .doesNotContainPattern("@import|<script[^>]*src=|<link[^>]*href=\"(?!data:)");
    assertThat(html.split("</script>", -1)).hasSize(4);
    JsonNode data = data(html);
    assertThat(data.path("rows")).hasSize(30);
    assertThat(data.at("/rows/4/fields/text").asString())
        .startsWith("{{script}} ${1} ")
        .endsWith("\ud83d");
    assertThat(data.at("/rows/1/id/ticket").asString()).isEqualTo("T<1>");
  }

  @Test
  void saysWhatIsLeftOut() throws IOException {
    Path run = Fixtures.review(directory.resolve("run"), 30);
    Path out = directory.resolve("deep/review.html");
    assertThat(Review.write(run, out, 10)).startsWith("10 of 30 rows are on the page");
    JsonNode data = data(Files.readString(out));
    assertThat(data.path("rows")).hasSize(10);
    assertThat(data.path("left").asInt()).isEqualTo(20);
    assertThat(Review.write(run, out, 30)).isNull();
  }

  @Test
  void saysWhichRunsCanBeReviewed() throws IOException {
    Path plain = Files.createDirectory(directory.resolve("plain"));
    assertThatThrownBy(() -> page(plain, 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(plain + ": There is nothing to review: review.jsonl is missing.")
        .hasMessageContaining("Only runs of `stackel clean` have it.\nMaybe `stackel clean TRAIN");
    Fixtures.review(directory.resolve("cleaned"), 6);
    assertThatThrownBy(() -> page(plain, 10))
        .hasMessageContaining("Maybe '" + directory.resolve("cleaned") + "' was meant.");
    assertThatThrownBy(() -> page(directory.resolve("nothing"), 10))
        .hasMessageContaining("There is no such directory.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "review.jsonl | \"suspicion\":1.0 | \"suspicion\":\"high\" | review.jsonl:1: 'suspicion' (\"high\") must be a number",
        "review.jsonl | \"label\":\"refund, partial\",\"sugg | \"sugg | review.jsonl:2: 'label' is missing",
        "review-info.json | \"sha256\" | \"sha\" | review-info.json:1: 'sha256' is missing",
      })
  void namesTheFileAndTheRule(String file, String from, String to, String message)
      throws IOException {
    Path run = Fixtures.review(directory.resolve("run"), 6);
    Path path = run.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replaceFirst(Pattern.quote(from), to));
    assertThatThrownBy(() -> page(run, 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ");
  }
}
