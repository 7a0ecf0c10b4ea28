// Curves with what stands on them: lines, bands, marked points, dashed bounds.
import curveSpec from "../specs/curve.vl.json";
import { type Datum, draw } from "./draw";

export interface CurveData {
  lines: Datum[];
  bands?: Datum[];
  points: Datum[];
  /** Values of y and of x at which a dashed line stands. */
  across?: number[];
  upright?: number[];
}

interface Axes {
  x: { scale: object; axis: object };
  y: { scale: object; axis: object };
}

/** A layer without a single number would only make the scales complain. */
export function curve(box: HTMLElement, width: number, height: number, data: CurveData, axes: Axes, label: string): Promise<unknown> {
  const { encoding, layer } = structuredClone(curveSpec);
  const sets: Record<string, Datum[]> = {
    lines: data.lines,
    bands: data.bands ?? [],
    points: data.points,
    across: (data.across ?? []).map((at) => ({ at })),
    upright: (data.upright ?? []).map((at) => ({ at })),
  };
  const filled = layer.filter((one) => (sets[(one as { data?: { name: string } }).data?.name ?? "lines"] ?? []).length > 0);
  for (const one of filled as { encoding: { x?: Datum | null; y?: Datum | null } }[]) {
    if (one.encoding.x) {
      Object.assign(one.encoding.x, axes.x);
    }
    if (one.encoding.y) {
      Object.assign(one.encoding.y, axes.y);
    }
  }
  Object.assign(encoding.x, axes.x);
  Object.assign(encoding.y, axes.y);
  return draw(box, { ...curveSpec, encoding, layer: filled, width, height }, sets, label);
}
