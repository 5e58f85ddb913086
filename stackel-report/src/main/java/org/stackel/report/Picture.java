package org.stackel.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.stackel.report.Curves.Band;
import org.stackel.report.Curves.Line;
import org.stackel.report.Curves.Metric;

/**
 * Curves as a picture: on the left over steps, on the right over oracle calls. Lines are means over
 * seeds, bands a standard error to either side.
 */
final class Picture {
  private static final double SCALE = 1.5;
  private static final int PANEL = 400;
  private static final int HEIGHT = 330;
  private static final int FONT_SIZE = 12;

  /** A letter of the legend, and its line and margins. */
  private static final int LETTER = 7;

  private static final int LEGEND = 60;

  /** Values of one sign that span so much stand on a logarithmic axis. */
  private static final double SPAN_OF_VALUES = 100;

  private static final double SPAN_OF_COSTS = 8;

  /** Okabe and Ito's, which the colour-blind can tell apart, without the yellow. */
  private static final List<Color> COLORS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x000000));

  /** Solid, then dashed, then dotted where there are more lines than colours. */
  private static final List<float[]> DASHES =
      List.of(new float[] {1, 0}, new float[] {6, 4}, new float[] {1.5f, 3});

  private Picture() {}

  static BufferedImage of(Curves curves, Metric metric) {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    int letters = curves.lines().stream().mapToInt(line -> line.label().length()).max().orElse(0);
    int right = PANEL + LEGEND + LETTER * letters;
    var image =
        new BufferedImage(
            (int) (SCALE * (PANEL + right)), (int) (SCALE * HEIGHT), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(SCALE, SCALE);
    Function<Line, List<Double>> steps =
        line -> line.step().stream().map(Long::doubleValue).toList();
    Function<Line, List<Double>> calls =
        line -> line.calls().stream().map(BigDecimal::doubleValue).toList();
    panel(curves, metric, "steps", steps, PANEL, false).paint(graphics, PANEL, HEIGHT);
    graphics.translate(PANEL, 0);
    panel(curves, metric, "oracle calls", calls, right, true).paint(graphics, right, HEIGHT);
    graphics.dispose();
    return image;
  }

  private static XYChart panel(
      Curves curves,
      Metric metric,
      String cost,
      Function<Line, List<Double>> costs,
      int width,
      boolean hasLegend) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(HEIGHT)
            .xAxisTitle(cost)
            .yAxisTitle(metric.label())
            .build();
    boolean isLogX = spans(ends(curves, costs), SPAN_OF_COSTS);
    boolean isLogY = spans(values(curves, metric), SPAN_OF_VALUES);
    var style = chart.getStyler();
    var font = new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE);
    style
        .setXAxisLogarithmic(isLogX)
        .setYAxisLogarithmic(isLogY)
        .setYAxisLogarithmicDecadeOnly(true)
        .setXAxisTickLabelsFormattingFunction(Numbers::plain)
        .setYAxisTickLabelsFormattingFunction(Numbers::plain)
        .setAxisTitleFont(font)
        .setAxisTickLabelsFont(font.deriveFont(FONT_SIZE - 1f))
        .setPlotGridLinesColor(new Color(0xE4E4E4))
        .setPlotGridLinesStroke(new BasicStroke(1));
    style
        .setLegendFont(font)
        .setLegendVisible(hasLegend)
        .setLegendPosition(LegendPosition.OutsideE)
        .setLegendBorderColor(Color.WHITE)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBorderColor(new Color(0xB0B0B0))
        .setPlotContentSize(0.97);
    var drawn = new ArrayList<Points>();
    for (Line line : curves.lines()) {
      Points points = Points.of(line, metric, costs.apply(line), isLogX, isLogY);
      drawn.add(points);
      if (points.x.size() > 1 && line.seeds() > 1) {
        band(chart, line.label(), points, faint(color(drawn.size() - 1), curves.lines().size()));
      }
    }
    for (int i = 0; i < drawn.size(); i++) {
      if (!drawn.get(i).x.isEmpty()) {
        line(chart, curves.lines().get(i).label(), drawn.get(i), i);
      }
    }
    return chart;
  }

  private static void band(XYChart chart, String label, Points points, Color color) {
    var x = new ArrayList<>(points.x);
    var y = new ArrayList<>(points.low);
    for (int i = points.x.size() - 1; i >= 0; i--) {
      x.add(points.x.get(i));
      y.add(points.high.get(i));
    }
    var series = chart.addSeries(label + ", standard error", x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setFillColor(color);
    series.setLineColor(new Color(0, 0, 0, 0));
    series.setMarker(SeriesMarkers.NONE);
    series.setShowInLegend(false);
  }

  private static void line(XYChart chart, String label, Points points, int number) {
    var series = chart.addSeries(label, points.x, points.mean);
    float[] dash = DASHES.get(number / COLORS.size() % DASHES.size());
    series.setLineColor(color(number));
    series.setLineStyle(
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dash, 0));
    series.setMarker(points.x.size() > 1 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    series.setMarkerColor(color(number));
  }

  private static Color color(int number) {
    return COLORS.get(number % COLORS.size());
  }

  /** Of a band: many bands lie over each other. */
  private static Color faint(Color color, int lines) {
    int alpha = Math.max(14, Math.min(44, 200 / lines));
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
  }

  /** What can be drawn of a line: finite; on a logarithmic axis without step 0. */
  private record Points(List<Double> x, List<Double> mean, List<Double> low, List<Double> high) {
    static Points of(Line line, Metric metric, List<Double> costs, boolean isLogX, boolean isLogY) {
      var points =
          new Points(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      Band band = Objects.requireNonNull(line.bands().get(metric.key()));
      for (int i = 0; i < costs.size(); i++) {
        @Nullable BigDecimal mean = band.mean().get(i);
        @Nullable BigDecimal low = band.low().get(i);
        @Nullable BigDecimal high = band.high().get(i);
        if (mean == null || low == null || high == null || (isLogX && line.step().get(i) == 0)) {
          continue;
        }
        points.x.add(costs.get(i));
        points.mean.add(mean.doubleValue());
        points.low.add(
            isLogY
                ? Math.max(low.doubleValue(), mean.doubleValue() / 10) // an axis without zero
                : low.doubleValue());
        points.high.add(high.doubleValue());
      }
      return points;
    }
  }

  private static List<Double> values(Curves curves, Metric metric) {
    return curves.lines().stream()
        .map(line -> Objects.requireNonNull(line.bands().get(metric.key())))
        .flatMap(band -> band.mean().stream())
        .filter(Objects::nonNull)
        .map(BigDecimal::doubleValue)
        .toList();
  }

  private static List<Double> ends(Curves curves, Function<Line, List<Double>> costs) {
    return curves.lines().stream()
        .map(costs)
        .filter(list -> !list.isEmpty())
        .map(list -> list.get(list.size() - 1))
        .toList();
  }

  private static boolean spans(List<Double> values, double factor) {
    double least = values.stream().mapToDouble(v -> v).min().orElse(0);
    double most = values.stream().mapToDouble(v -> v).max().orElse(0);
    return least > 0 && most / least >= factor;
  }
}
