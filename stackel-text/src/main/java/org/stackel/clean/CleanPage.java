package org.stackel.clean;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** report.html: what cleaning found, on a page without scripts. */
final class CleanPage {
  private static final int SHOWN = 50;
  private static final String STYLE =
      """
      body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
      body{overflow-wrap:break-word}
      h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
      .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
      th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
      td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
      tr.chosen{background:#e8f1fb}.note{color:#555}
      @media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}th,td{border-color:#444}tr.chosen{background:#16304d}.note{color:#aaa}}
      """;

  private final CleanResult result;
  private final CleanData data;
  private final Findings found;
  private final StringBuilder page = new StringBuilder();

  CleanPage(CleanResult result, CleanData data, Findings found) {
    this.result = result;
    this.data = data;
    this.found = found;
  }

  String html() {
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .append("<link rel=\"icon\" href=\"data:,\"><title>Labels of ")
        .append(escape(result.data()))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Labels of ")
        .append(escape(result.data()))
        .append("</h1>\n");
    summary();
    candidates();
    pattern();
    calibration();
    suspects();
    remarks();
    return page.append("</body></html>\n").toString();
  }

  private void summary() {
    paragraph(
        "%,d rows, %,d classes, %,d trusted rows. <b>%,d rows are suspected</b>: their label is more likely wrong than right."
            .formatted(
                result.rows(), result.classes().size(), result.trusted(), result.suspected()));
    if (result.wrongShare() != null) {
      paragraph(
          "Estimated share of wrong labels: <b>%.1f %%</b>.".formatted(100 * result.wrongShare()));
    }
    paragraph("<b>" + escape(result.verdict()) + "</b>");
  }

  private void candidates() {
    heading("Ways to train a model");
    if (result.trusted() > 0) {
      paragraph(
          "Accuracy is measured on trusted rows that a model did not see, in folds; the interval is Wilson's, 95 %. The model in <code>model/</code> was trained by the marked one.");
    }
    table("way", "", "accuracy", "interval", result.testAccuracy() == null ? "" : "on test file");
    for (CleanResult.Candidate each : result.candidates()) {
      row(
          each.title().equals(result.chosen()),
          escape(each.title()),
          escape(each.summary()),
          number(each.accuracy()),
          each.low() == null ? "" : number(each.low()) + "–" + number(each.high()),
          number(each.testAccuracy()));
    }
    end();
    if (!result.featuresTried().isEmpty()) {
      paragraph(
          "Features: <b>%s</b>, chosen on trusted rows by accuracy less a third of the log loss: %s."
              .formatted(
                  escape(result.features()),
                  String.join(
                      ", ",
                      result.featuresTried().entrySet().stream()
                          .map(e -> escape(e.getKey()) + " " + number(e.getValue()))
                          .toList())));
    }
  }

  private void pattern() {
    if (result.pattern().isEmpty()) {
      return;
    }
    heading("How labels go wrong");
    table("right class", "given instead", "share of its rows");
    for (CleanResult.MixUp each : result.pattern()) {
      row(false, escape(each.right()), escape(each.given()), percent(each.rate()));
    }
    end();
  }

  private void calibration() {
    if (result.calibration().isEmpty()) {
      return;
    }
    heading("Whether suspicion can be believed");
    paragraph(
        "Trusted rows were given wrong labels in the estimated pattern and judged like all others, by models and a combination that did not see them.");
    table("mean suspicion", "wrong labels among them", "share of the rows");
    double total = result.calibration().stream().mapToDouble(CleanResult.Bin::weight).sum();
    for (CleanResult.Bin each : result.calibration()) {
      row(false, number(each.suspicion()), number(each.wrong()), percent(each.weight() / total));
    }
    end();
    if (!result.weights().isEmpty()) {
      paragraph(
          "Weights of the scores in the log odds: "
              + String.join(
                  ", ",
                  result.weights().entrySet().stream()
                      .map(e -> e.getKey() + " " + number(e.getValue()))
                      .toList())
              + ".");
    }
  }

  private void suspects() {
    heading("The most suspicious rows");
    paragraph(
        "<code>weights.csv</code> has every row; <code>stackel review %s</code> makes a page to go through them."
            .formatted(escape(result.directory().toString())));
    table("record", "label", "suggested", "suspicion", "row");
    int[] order = found.bySuspicion();
    List<String> columns = data.roles().read();
    for (int i = 0; i < Math.min(SHOWN, order.length); i++) {
      int row = order[i];
      var cells = new StringBuilder();
      for (int k = 0; k < columns.size(); k++) {
        String cell = data.train().cell(row, k);
        cells.append(k == 0 ? "" : " | ").append(cell == null ? "" : cell);
      }
      row(
          false,
          Integer.toString(row + 1),
          escape(data.train().label(row)),
          escape(found.suggested(row)),
          number(found.suspicion(row)),
          escape(shortened(cells.toString())));
    }
    end();
  }

  private void remarks() {
    heading("Remarks");
    page.append("<ul>");
    result.remarks().forEach(each -> page.append("<li>").append(escape(each)).append("</li>"));
    page.append("</ul>\n<h2>Files read</h2><ul>");
    for (Map.Entry<String, String> each : result.inputs().entrySet()) {
      page.append("<li>")
          .append(escape(each.getKey()))
          .append(" <span class=\"note\">SHA-256 ")
          .append(each.getValue(), 0, 16)
          .append("…</span></li>");
    }
    page.append("</ul>\n");
  }

  private static String shortened(String text) {
    return text.length() <= 300 ? text : text.substring(0, 299) + "…";
  }

  private void heading(String text) {
    page.append("<h2>").append(text).append("</h2>\n");
  }

  private void paragraph(String html) {
    page.append("<p>").append(html).append("</p>\n");
  }

  private void table(String... header) {
    page.append("<div class=\"wide\"><table><tr>");
    for (String each : header) {
      page.append("<th>").append(each).append("</th>");
    }
    page.append("</tr>\n");
  }

  private void row(boolean isMarked, String... cells) {
    page.append(isMarked ? "<tr class=\"chosen\">" : "<tr>");
    for (String each : cells) {
      page.append("<td>").append(each).append("</td>");
    }
    page.append("</tr>\n");
  }

  private void end() {
    page.append("</table></div>\n");
  }

  private static String number(@Nullable Double number) {
    return number == null ? "" : String.format(Locale.ROOT, "%.3f", number);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
