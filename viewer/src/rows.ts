// Rows of a series of results.json as objects, and the pieces that pictures of every trial share.
import { count, figure, percent } from "./numbers";
import type { Results } from "./results";

export type Cell = number | string | null;
export type Row = Record<string, Cell>;

/** The rows of a series; none where it is absent. */
export function rowsOf(results: Results, name: string): Row[] {
  const series = results.series[name];
  return (series?.rows ?? []).map((row) => Object.fromEntries(row.map((value, i) => [series?.columns[i] ?? "", value])));
}

export function number(row: Row | undefined, column: string): number | null {
  const value = row?.[column];
  return typeof value === "number" ? value : null;
}

export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  return value === null || value === undefined ? "" : String(value);
}

/** "66.5 % to 71.6 %", or nothing. */
export function interval(row: Row, unit: string, low = "low", high = "high"): string {
  const from = number(row, low);
  const to = number(row, high);
  return from === null || to === null ? "" : `${figure(from, unit)} to ${figure(to, unit)}`;
}

/** "2,071 of 3,000": shares of votes are no whole numbers. */
export function nOf(n: number | null, of: number | null): string {
  const said = (value: number): string => (Number.isInteger(Math.round(value * 1e6) / 1e6) ? count(value) : figure(Math.round(value * 10) / 10, "count"));
  return n === null || of === null ? "" : `${said(n)} of ${said(of)}`;
}

/** Seven steps of ground for shares from 0 to the most, and an ink that can be read on each. */
export function shade(share: number, most: number): { fill: string; ink: string } {
  const step = most > 0 ? Math.min(6, Math.floor((7 * share) / most)) : 0;
  return { fill: `var(--m${step})`, ink: step >= 5 ? "var(--on-dark)" : "var(--on-light)" };
}

export function points(share: number): string {
  const text = (Math.abs(share) * 100).toFixed(1);
  return `${share < 0 ? "\u2212" : "+"}${text}`;
}

export { percent };
