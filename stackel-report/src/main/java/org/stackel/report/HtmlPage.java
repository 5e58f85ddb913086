package org.stackel.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Fills the template: style, script, chart library and data become one file. */
final class HtmlPage {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");
  private static final String UPLOT = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private HtmlPage() {}

  static String render(Page page) throws IOException {
    String uplot = "/META-INF/resources/webjars/uplot/%s/".formatted(uplotVersion());
    Map<String, String> values =
        Map.of(
            "title", escape(page.title()),
            "result", escape(page.result()),
            "status", escape(page.status()),
            "time", escape(page.time()),
            "written", escape(page.written()),
            "tool", escape(page.tool()),
            "style", resource(uplot + "dist/uPlot.min.css") + resource("report.css"),
            "uplot",
                licensed(resource(uplot + "LICENSE"), resource(uplot + "dist/uPlot.iife.min.js")),
            "script", resource("elements.js") + resource("report.js"),
            "data", inScript(JsonMapper.shared().writeValueAsString(page)));
    return fill("report.html", values);
  }

  /** A template with its places filled: in one pass, so that braces in the data are data. */
  static String fill(String template, Map<String, String> values) throws IOException {
    String text = resource(template);
    Matcher matcher = PLACEHOLDER.matcher(text);
    var filled = new StringBuilder();
    int from = 0;
    while (matcher.find()) {
      String value = values.getOrDefault(matcher.group(1), matcher.group());
      filled.append(text, from, matcher.start()).append(value);
      from = matcher.end();
    }
    return filled.append(text, from, text.length()).toString();
  }

  /** What wrote a page, with its version. */
  static String wroteIt() {
    String version = HtmlPage.class.getPackage().getImplementationVersion();
    return version == null ? "Stackel (development build)" : "Stackel " + version;
  }

  /** Text as HTML shows it, in an element or a quoted attribute. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /**
   * JSON that stays JSON inside a script element: nothing in it ends the element. Halves of
   * characters, which no encoding has, are escaped.
   */
  static String inScript(String json) {
    var page = new StringBuilder(json.length());
    for (int at = 0; at < json.length(); at++) {
      char c = json.charAt(at);
      if (Character.isHighSurrogate(c)
          && at + 1 < json.length()
          && Character.isLowSurrogate(json.charAt(at + 1))) {
        page.append(c).append(json.charAt(++at));
      } else if (c == '<'
          || c == '>'
          || c == '&'
          || c == '\u2028'
          || c == '\u2029'
          || Character.isSurrogate(c)) {
        page.append("\\u%04x".formatted((int) c));
      } else {
        page.append(c);
      }
    }
    return page.toString();
  }

  /** The library behind its licence, in place of the one-line comment that begins the file. */
  private static String licensed(String license, String script) {
    return "/*! uPlot\n\n%s\n*/\n%s"
        .formatted(license, script.replaceFirst("^/\\*!.*?\\*/\\s*", ""));
  }

  private static String uplotVersion() throws IOException {
    var properties = new Properties();
    try (InputStream in = open(UPLOT)) {
      properties.load(in);
    }
    return properties.getProperty("version", "");
  }

  static String resource(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String name) throws IOException {
    @Nullable InputStream in = HtmlPage.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("The class path lacks " + name);
    }
    return in;
  }
}
