/**
 * What `import ... from 'faultline/trace'` offers: the trace document and how it is read. Browser-safe: zod alone is below it.
 */

export {
  type CellChange,
  cellChangesOf,
  cellsAt,
  documentValueText,
  lastWriterOf,
  touchedCells,
} from './trace-reading.js';
export {
  type DocumentStep,
  type DocumentValue,
  type DocumentWait,
  type TraceDocument,
  traceSchema,
} from './trace-schema.js';
