/**
 * @module
 */

/** Rows in columns that are as wide as they must be, without a line break at the end. No cell can steer a terminal. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const clean = rows.map((row) => row.map((cell) => cell.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")))
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)))
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
