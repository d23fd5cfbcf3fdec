/** Probes. */
export function probesScript(): string {
  return '';
}
