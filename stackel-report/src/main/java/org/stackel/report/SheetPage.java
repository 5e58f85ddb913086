package org.stackel.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;

/** The page of a sheet.json: plain HTML with drawn lines, without a script. */
final class SheetPage {
  private static final Pattern NUMBER = Pattern.compile("[−+-]?[0-9.,]+(e[+-]?[0-9]+)?.*|—|");

  private SheetPage() {}

  static String render(Path directory, Clock clock) throws IOException {
    SheetFile sheet = RunFiles.read(directory.resolve(SheetFile.NAME), SheetFile.class);
    ZonedDateTime now = ZonedDateTime.now(clock);
    var page = new StringBuilder();
    page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.append(
        "<meta name=\"generator\" content=\"%s\">\n"
            .formatted(HtmlPage.escape(HtmlPage.wroteIt())));
    page.append("<title>%s</title>\n".formatted(HtmlPage.escape(sheet.title())));
    page.append("<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    page.append(style()).append("</style>\n</head>\n<body>\n<header>\n");
    page.append("<h1>%s</h1>\n".formatted(HtmlPage.escape(sheet.title())));
    page.append("<p class=\"result\">%s</p>\n".formatted(HtmlPage.escape(sheet.result())));
    page.append(
        "<p class=\"muted\">Written <time datetime=\"%s\">%s</time> by %s.</p>\n</header>\n<main>\n"
            .formatted(
                now.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME),
                now.format(DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm", Locale.ENGLISH)),
                HtmlPage.wroteIt()));
    if (!sheet.notes().isEmpty()) {
      page.append("<ul class=\"notes\">\n");
      sheet.notes().forEach(note -> page.append(element("li", note)));
      page.append("</ul>\n");
    }
    sheet.tables().forEach(table -> page.append(table(table)));
    if (!sheet.charts().isEmpty()) {
      page.append("<h2>Charts</h2>\n<div class=\"charts\">\n");
      sheet.charts().forEach(chart -> page.append(SheetChart.of(chart)));
      page.append("</div>\n");
    }
    return page.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String element(String name, String text) {
    return "<%s>%s</%s>\n".formatted(name, HtmlPage.escape(text), name);
  }

  private static String table(SheetFile.Table table) {
    var text = new StringBuilder(element("h2", table.title()));
    boolean[] areNumbers = new boolean[table.columns().size()];
    for (int i = 0; i < areNumbers.length; i++) {
      int column = i;
      areNumbers[i] =
          i > 0 && table.rows().stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
    }
    text.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
        .append(HtmlPage.escape(table.title()))
        .append("\">\n<table>\n<thead><tr>");
    for (int i = 0; i < areNumbers.length; i++) {
      text.append(
          "<th scope=\"col\"%s>%s</th>"
              .formatted(
                  areNumbers[i] ? " class=\"number\"" : "",
                  HtmlPage.escape(table.columns().get(i))));
    }
    text.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      text.append("<tr>");
      for (int i = 0; i < areNumbers.length; i++) {
        String cell = HtmlPage.escape(row.get(i));
        text.append(
            i == 0
                ? "<th scope=\"row\">%s</th>".formatted(cell)
                : "<td%s>%s</td>".formatted(areNumbers[i] ? " class=\"number\"" : "", cell));
      }
      text.append("</tr>\n");
    }
    text.append("</tbody>\n</table>\n</div>\n");
    if (!table.note().isEmpty()) {
      text.append("<p class=\"muted\">%s</p>\n".formatted(HtmlPage.escape(table.note())));
    }
    return text.toString();
  }

  private static String style() throws IOException {
    try (InputStream in = SheetPage.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IOException("The class path lacks report.css");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          + "\nsvg.lines { width: 100%; max-width: 640px; height: auto; display: block; font-size: 13px; }"
          + "\nsvg.lines text { fill: var(--ink); }"
          + "\nsvg.lines .grid { stroke: var(--rule); stroke-width: 1; }"
          + "\nsvg.lines .line { fill: none; stroke-width: 2; }\n";
    }
  }

  /** Names of lines, for people who do not see them. */
  static String names(SheetFile.Chart chart) {
    return chart.lines().stream().map(SheetFile.Line::label).collect(Collectors.joining(", "));
  }
}
