// Rows of a table as CSV by RFC 4180. A log can write what a spreadsheet would run: such a cell is made text.
// In: cells. Out: one record without its line end's last character, which whoever prints adds.

/** A spreadsheet takes a cell that begins with one of these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell: neutralised, and quoted where it holds what separates cells or records. */
function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One record, ended by a carriage return: the line feed after it is the printer's. */
export const csvRecord = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r`;
