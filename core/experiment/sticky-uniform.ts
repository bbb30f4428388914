/** Lots that fall the same way each time: the same key has the same number everywhere. */

const encoder = new TextEncoder();

/** In [0, 1), 53 bits; uniform over keys, and unrelated for keys that differ in anything. */
export function stickyUniform(key: string): number {
  const bytes = encoder.encode(key);
  const high = murmur3(bytes, 0x9747b28c) >>> 5;
  const low = murmur3(bytes, 0x3c6ef372) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** MurmurHash3_x86_32 (Appleby 2011, public domain), as an unsigned integer. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  let hash = seed | 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = bytes.length >>> 2;
  for (let i = 0; i < blocks; i++) {
    hash ^= scrambled(view.getInt32(i * 4, true));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= blocks * 4; i--) tail = (tail << 8) | bytes[i]!;
  hash ^= scrambled(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}
