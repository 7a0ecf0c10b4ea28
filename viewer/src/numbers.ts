// Figures as people write them: the same rules as the program's own (src/report/html_out.c).
const counts = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

function fixed(value: number, decimals: number): string {
  const text = new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
  return text.replace("-", "\u2212");
}

export function figure(value: number | null, unit: string): string {
  if (value === null) {
    return "none";
  }
  if (unit === "share") {
    const percent = value * 100;
    return `${fixed(percent, Math.abs(percent) < 1 && percent !== 0 ? 2 : 1)}\u00a0%`;
  }
  if (unit === "ratio" || unit === "index" || unit === "correlation") {
    return fixed(value, 2);
  }
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return counts.format(value);
  }
  const size = Math.abs(value);
  return size >= 10 ? fixed(value, 1) : fixed(value, size === 0 ? 0 : Math.min(6, 2 + Math.max(0, Math.ceil(-Math.log10(size)))));
}

/** Whole per cent for titles; small shares keep a decimal. */
export function percent(value: number): string {
  const scaled = value * 100;
  return `${fixed(scaled, Math.abs(scaled) < 10 && !Number.isInteger(scaled) ? 1 : 0)}\u00a0%`;
}

export function count(value: number): string {
  return counts.format(value);
}

/** An end of an interval; null is an open end. */
export function limit(value: number | null, unit: string): string {
  return value === null ? "unbounded" : figure(value, unit);
}
