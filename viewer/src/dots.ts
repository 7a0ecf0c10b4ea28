// Values with their intervals, one below the other: the picture that every trial uses most.
import dotsSpec from "../specs/dots.vl.json";
import { type Datum, draw } from "./draw";

export interface Dot extends Datum {
  label: string;
  order: number;
  value: number | null;
  low?: number | null;
  high?: number | null;
  /** A second value, drawn as a diamond. */
  beside?: number | null;
  colour: string;
  tip: string;
}

/** A layer without a single number would only make the scales complain. */
function layersOf(rows: Dot[], bounds: number[]): object[] {
  const [bound, line, diamond, circle] = structuredClone(dotsSpec.layer) as [object, object, object, object];
  const some = (field: "beside" | "low"): boolean => rows.some((row) => row[field] !== null && row[field] !== undefined);
  return [...(bounds.length > 0 ? [bound] : []), ...(some("low") ? [line] : []), ...(some("beside") ? [diamond] : []), circle];
}

/**
 * @param bounds  values at which a dashed line stands
 * @param label   what a screen reader says of the picture
 * @param axis    changes to the axis: { title, format }
 */
export function dots(box: HTMLElement, width: number, height: number, bounds: number[], rows: Dot[], label: string, axis: object = {}): Promise<unknown> {
  const layer = layersOf(rows, bounds) as { encoding: { x: { axis?: object; scale?: object } } }[];
  for (const one of layer) {
    one.encoding.x = { ...one.encoding.x, scale: { zero: true, nice: true }, axis: { format: "~%", tickCount: 5, title: "share", ...axis } };
  }
  return draw(box, { ...dotsSpec, width, height, layer }, { rows, bounds: bounds.map((at) => ({ at })) }, label);
}
