/**
 * Protobuf writer: the four wire types that a trace packet needs. It is smaller than the import of a library would be: three
 * kinds of fields, no schema at run time. What it writes is read back by protobufjs in the tests.
 */

/** Writes one message, field by field. */
export class ProtoWriter {
  readonly #bytes: number[] = [];

  /** A varint: counts, enums, ids below 2^53. */
  uint(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** Eight bytes, the lowest first: ids below 2^53. */
  fixed64(field: number, value: number): this {
    this.#varint(field * 8 + 1);
    for (let left = value, byte = 0; byte < 8; byte++, left = Math.floor(left / 256)) this.#bytes.push(left % 256);
    return this;
  }

  /** A text in UTF-8. */
  text(field: number, value: string): this {
    return this.#block(field, Buffer.from(value, 'utf8'));
  }

  /** A message within this one. */
  message(field: number, message: ProtoWriter): this {
    return this.#block(field, message.#bytes);
  }

  /** The message as bytes. */
  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #block(field: number, bytes: Iterable<number> & { readonly length: number }): this {
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** Seven bits a byte, the lowest first; no shift, because that would cut at 32 bits. */
  #varint(value: number): void {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) this.#bytes.push((left % 128) + 128);
    this.#bytes.push(left);
  }
}
