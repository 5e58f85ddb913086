package org.stackel.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.stackel.runfile.SheetFile;

/** A chart of a sheet as SVG. */
final class SheetChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 340;
  private static final int LEFT = 70;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 48;
  private static final int COLOURS = 7;
  private static final int TICKS = 5;
  private static final List<String> DASHES = List.of("", "7 4", "2 3", "9 3 2 3");

  private final SheetFile.Chart chart;
  private final boolean isLog;
  private double left = Double.POSITIVE_INFINITY;
  private double right = Double.NEGATIVE_INFINITY;
  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;

  private SheetChart(SheetFile.Chart chart) {
    this.chart = chart;
    isLog = chart.scale() == SheetFile.Scale.LOG;
    for (SheetFile.Line line : chart.lines()) {
      for (int i = 0; i < line.x().size(); i++) {
        if (isDrawn(line, i)) {
          left = Math.min(left, place(line.x().get(i)));
          right = Math.max(right, place(line.x().get(i)));
          low = Math.min(low, line.y().get(i));
          high = Math.max(high, line.y().get(i));
        }
      }
    }
    if (!(left <= right)) {
      left = 0;
      right = 1;
      low = 0;
      high = 1;
    }
    right = right > left ? right : left + 1;
    double step = high > low ? step(high - low) : step(Math.max(1e-12, Math.abs(high)));
    low = step * Math.floor(low / step + 1e-9);
    high = step * Math.ceil(high / step - 1e-9);
    high = high > low ? high : low + step;
  }

  static String of(SheetFile.Chart chart) {
    return new SheetChart(chart).draw();
  }

  private boolean isDrawn(SheetFile.Line line, int i) {
    return i < line.y().size()
        && Double.isFinite(line.y().get(i))
        && Double.isFinite(place(line.x().get(i)));
  }

  private double place(double x) {
    return isLog ? Math.log10(x) : x;
  }

  /** A round number of which about five fit. */
  private static double step(double span) {
    double power = Math.pow(10, Math.floor(Math.log10(span / TICKS)));
    double share = span / TICKS / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
  }

  private double across(double placed) {
    return LEFT + (placed - left) / (right - left) * (WIDTH - LEFT - RIGHT);
  }

  private double down(double y) {
    return HEIGHT - BOTTOM - (y - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  private String draw() {
    var svg = new StringBuilder("<figure>\n");
    svg.append("<h3>%s</h3>\n".formatted(HtmlPage.escape(chart.title())));
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg class=\"lines\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH,
            HEIGHT,
            HtmlPage.escape(
                "%s over %s: %s".formatted(chart.y(), chart.x(), SheetPage.names(chart)))));
    double step = step(high - low);
    for (double y = low; y <= high + step / 2; y += step) {
      grid(svg, LEFT, down(y), WIDTH - RIGHT, down(y));
      text(svg, LEFT - 8, down(y) + 4, "end", label(y, step));
    }
    for (double x : ticks()) {
      grid(svg, across(x), TOP, across(x), HEIGHT - BOTTOM);
      String label = isLog ? "10" + power((int) Math.round(x)) : label(x, step(right - left));
      text(svg, across(x), HEIGHT - BOTTOM + 18, "middle", label);
    }
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", chart.x());
    svg.append(
        "<text x=\"16\" y=\"%s\" text-anchor=\"middle\" transform=\"rotate(-90 16 %s)\">%s</text>\n"
            .formatted(
                number((TOP + HEIGHT - BOTTOM) / 2.0),
                number((TOP + HEIGHT - BOTTOM) / 2.0),
                HtmlPage.escape(chart.y())));
    for (int k = 0; k < chart.lines().size(); k++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path class=\"line\" d=\"%s\" style=\"stroke: var(--s%d)\" stroke-dasharray=\"%s\"/>\n",
              path(chart.lines().get(k)),
              k % COLOURS,
              dash(k)));
    }
    svg.append("</svg>\n<ul class=\"key\">\n");
    for (int k = 0; k < chart.lines().size(); k++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<li><svg viewBox=\"0 0 48 16\" aria-hidden=\"true\"><path d=\"M0 8H48\" fill=\"none\" stroke-width=\"2\" style=\"stroke: var(--s%d)\" stroke-dasharray=\"%s\"/></svg>%s</li>\n",
              k % COLOURS,
              dash(k),
              HtmlPage.escape(chart.lines().get(k).label())));
    }
    return svg.append("</ul>\n</figure>\n").toString();
  }

  private static String dash(int line) {
    return DASHES.get(line % DASHES.size());
  }

  private List<Double> ticks() {
    var ticks = new ArrayList<Double>();
    double step = isLog ? Math.max(1, Math.ceil((right - left) / TICKS)) : step(right - left);
    for (double x = step * Math.ceil(left / step - 1e-9); x <= right + step * 1e-9; x += step) {
      ticks.add(x);
    }
    return ticks;
  }

  private String path(SheetFile.Line line) {
    var path = new StringBuilder();
    boolean isNext = false;
    for (int i = 0; i < line.x().size(); i++) {
      if (!isDrawn(line, i)) {
        isNext = false;
        continue;
      }
      path.append(isNext ? 'L' : 'M')
          .append(number(across(place(line.x().get(i)))))
          .append(' ')
          .append(number(down(line.y().get(i))));
      isNext = true;
    }
    return path.toString();
  }

  private static void grid(StringBuilder svg, double x1, double y1, double x2, double y2) {
    svg.append(
        "<line class=\"grid\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
            .formatted(number(x1), number(y1), number(x2), number(y2)));
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
            .formatted(number(x), number(y), anchor, HtmlPage.escape(text)));
  }

  private static String label(double value, double step) {
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return decimals > 6
        ? String.format(Locale.ROOT, "%.2g", value)
        : String.format(Locale.ROOT, "%." + decimals + "f", value + 0.0)
            .replaceFirst("^-(0[.0]*)$", "$1");
  }

  private static String power(int exponent) {
    return String.valueOf(exponent)
        .chars()
        .mapToObj(c -> c == '-' ? "⁻" : String.valueOf("⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(c - '0')))
        .reduce("", String::concat);
  }

  private static String number(double place) {
    return String.format(Locale.ROOT, "%.1f", place);
  }
}
