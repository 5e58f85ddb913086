package org.stackel.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Which samples a step with recursive momentum evaluates where. The momentum {@code m⁺ = d(new) +
 * (1 - a)(m - d(old))} needs two things:
 *
 * <ul>
 *   <li>the old point is one at which the momentum was estimated before. So a sample never goes
 *       from one point that was not visited before to another; an old x with a new y was not;
 *   <li>both points see the same sample. So no sample is evaluated at a new point alone while
 *       another one is evaluated at an old point alone.
 * </ul>
 *
 * <p>Two steps are made from a state; the second one is judged, unless it evaluates nothing at an
 * old point, as without momentum. Gradients and products count separately, for an algorithm may
 * have momenta of its own for each.
 *
 * @param device where the state goes, in float64
 */
public record SampleDiscipline(Reference<?> reference, Device device, Seed seed) {
  private static final String NAME = "recursive momentum, samples and points";

  /**
   * Judges the second step after a state.
   *
   * @param t steps done
   * @param recorded a state of the algorithm, in any precision
   */
  public <S extends Record & AlgorithmState> Finding compare(
      BilevelAlgorithm<S> algorithm, long t, Record recorded) {
    try (var scope = StateScope.open()) {
      @SuppressWarnings("unchecked") // the algorithm made it
      S state = (S) Reference.fine(recorded, device);
      var visits = new RecordingOracle.Visits();
      S next = algorithm.step(t, state, oracle(visits, algorithm, t));
      Map<String, Set<Integer>> before = new HashMap<>();
      for (RecordingOracle.Visit visit : visits.take()) {
        before.computeIfAbsent(visit.call(), call -> new HashSet<>()).add(visit.point());
      }
      algorithm.step(t + 1, next, oracle(visits, algorithm, t + 1));
      List<RecordingOracle.Visit> second = visits.take();
      boolean hasOld =
          second.stream()
              .anyMatch(
                  visit -> before.getOrDefault(visit.call(), Set.of()).contains(visit.point()));
      List<String> broken = broken(second, before);
      if (broken.isEmpty()) {
        return new Finding(NAME, 0, hasOld ? (Double) 0.0 : null);
      }
      return new Finding(NAME + " (" + broken.get(0) + ")", broken.size(), 0.0);
    }
  }

  private RecordingOracle oracle(
      RecordingOracle.Visits visits, BilevelAlgorithm<?> algorithm, long t) {
    return new RecordingOracle(reference.steps(seed.child(t), algorithm.sampling()), visits);
  }

  /** The calls of a kind on one sample. */
  private record Group(String call, int sample) {}

  private static List<String> broken(
      List<RecordingOracle.Visit> visits, Map<String, Set<Integer>> before) {
    var groups = new LinkedHashMap<Group, List<Integer>>(); // points, in order, without repeats
    var broken = new LinkedHashSet<String>();
    Map<String, Integer> latest = new HashMap<>(); // the new point that calls of a kind came to
    Set<Group> startedNew = new HashSet<>();
    Set<Group> cameFromNew = new HashSet<>();
    for (RecordingOracle.Visit visit : visits) {
      var group = new Group(visit.call(), visit.sample());
      List<Integer> points = groups.computeIfAbsent(group, g -> new ArrayList<>());
      if (!points.isEmpty() && points.get(points.size() - 1) == visit.point()) {
        continue;
      }
      boolean isNew =
          before.computeIfAbsent(group.call, call -> new HashSet<>()).add(visit.point());
      if (isNew) {
        latest.put(group.call, visit.point());
      }
      // A series of samples at the new point: only the first one is there before the others.
      if (points.isEmpty() && Objects.equals(latest.get(group.call), visit.point())) {
        startedNew.add(group);
      }
      if (isNew && cameFromNew.contains(group)) {
        broken.add(
            "%s: a sample is evaluated at an old point that no earlier sample was at"
                .formatted(group.call));
      }
      if (isNew) {
        cameFromNew.add(group);
      } else {
        cameFromNew.remove(group);
      }
      points.add(visit.point());
    }
    Set<String> newAlone = new HashSet<>();
    Set<String> oldAlone = new HashSet<>();
    groups.forEach(
        (group, points) -> {
          if (points.size() == 1) {
            (startedNew.contains(group) ? newAlone : oldAlone).add(group.call);
          }
        });
    newAlone.stream()
        .filter(oldAlone::contains)
        .sorted()
        .forEach(
            call ->
                broken.add(
                    "%s: the old point and the new one see different samples".formatted(call)));
    return List.copyOf(broken);
  }
}
