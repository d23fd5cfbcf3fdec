/**
 * CRC-32 (IEEE 802.3) of a text, for tokens, which browsers write as well: node:zlib has it for Node alone.
 */

/** The polynomial, its bits reversed. */
const POLYNOMIAL = 0xedb88320;

/** The checksum of a text's UTF-8, as an unsigned number of 32 bits. */
export function crc32(text: string): number {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return ~crc >>> 0;
}
