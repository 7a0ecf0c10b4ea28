// The pictures of the accuracy half: what was captured for how much ground, against whom, and how
// sure that is. Sums over the whole region only; a method of comparison is a number here, never a place.
import { capture, versus } from "./accuracy_capture";
import { flaggedAndRecorded } from "./accuracy_ground";
import { hits, reliability, totalsAsForecast } from "./accuracy_hits";
import { atLevel, headline } from "./accuracy_level";
import { parts } from "./accuracy_parts";
import { sensitivity } from "./accuracy_rules";
import { byTime } from "./accuracy_time";
import { type Areas } from "./map";
import { type Picture } from "./pictures";
import { type Results } from "./results";

/** Why nothing here may carry a verdict, in the words of the trial. */
export function accuracyWeak(results: Results): string[] {
  const level = headline(results);
  const measures = level === null ? [] : [...atLevel(results, "place.capture_rate", level), ...atLevel(results, "place.capture_ratio", level)];
  return [...new Set(measures.map((m) => m.interval?.weak).filter((text): text is string => Boolean(text)))];
}

/** In the order in which a reader needs them; two by two on a wide screen, the one left over alone. */
export function accuracyPictures(results: Results, areas: Areas | null): Picture[] {
  const there = (pictures: (Picture | null)[]): Picture[] => pictures.filter((picture): picture is Picture => picture !== null);
  const head = there([capture(results), versus(results)]);
  const rest = there([hits(results), sensitivity(results), reliability(results), totalsAsForecast(results), flaggedAndRecorded(results, areas)]);
  const pair = (pictures: Picture[], first: Picture["size"], second: Picture["size"]): Picture[] =>
    pictures.map((picture, i) => ({ ...picture, size: i % 2 === 0 && i === pictures.length - 1 ? "" : i % 2 === 0 ? first : second }));
  return [...pair(head, "seven", "five"), ...there([byTime(results), parts(results)]), ...pair(rest, "five", "seven")];
}
