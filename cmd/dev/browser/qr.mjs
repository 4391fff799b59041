// Reading a code as a telephone's camera does (ISO/IEC 18004): only of the size that our addresses have, and drawn without
// a fault, so that nothing has to be put right.
import assert from 'node:assert/strict';

const size = 37; // modules of version 5, which holds 63 to 84 bytes at level M
const blocks = 2;
const dataWords = 86;

const masks = [
  (y, x) => (y + x) % 2, (y) => y % 2, (y, x) => x % 3, (y, x) => (y + x) % 3, (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2,
  (y, x) => ((y * x) % 2) + ((y * x) % 3), (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2, (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2,
];

// read gives the words of a code that is drawn as one path of runs: M x y h length v1….
export async function read(svg, margin = 4) {
  assert.equal(await svg.getAttribute('viewBox'), `0 0 ${size + 2 * margin} ${size + 2 * margin}`, 'a code of another size: the address has another length');
  const path = await svg.locator('path').getAttribute('d');
  const black = Array.from({ length: size }, () => Array(size).fill(0));
  for (const [, x, y, n] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let i = 0; i < Number(n); i++) black[y - margin][x - margin + i] = 1;
  }
  // Which mask, from the copy of the format beside the first finder: three bits below those of the level.
  const format = [0, 1, 2, 3, 4, 5, 7].map((x) => black[8][x]).concat([8, 7, 5, 4, 3, 2, 1, 0].map((y) => (y === 8 ? black[8][8] : black[y][8])));
  const bits = parseInt(format.slice(0, 5).join(''), 2) ^ 0b10101;
  assert.equal(bits >> 3, 0, 'the code is not of level M');
  const mask = masks[bits & 7];
  const fixed = (y, x) => (y < 9 && (x < 9 || x >= size - 8)) || (y >= size - 8 && x < 9) || y === 6 || x === 6 || (Math.abs(y - 30) <= 2 && Math.abs(x - 30) <= 2);
  const stream = [];
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i;
      for (const x of [right, right - 1]) if (!fixed(y, x)) stream.push(black[y][x] ^ (mask(y, x) === 0 ? 1 : 0));
    }
  }
  // The blocks' words take turns.
  const words = [];
  for (let i = 0; i < dataWords; i++) words[(i % blocks) * (dataWords / blocks) + Math.floor(i / blocks)] = parseInt(stream.slice(i * 8, i * 8 + 8).join(''), 2);
  const all = words.map((w) => w.toString(2).padStart(8, '0')).join('');
  assert.equal(all.slice(0, 4), '0100', 'not bytes');
  const n = parseInt(all.slice(4, 12), 2);
  return Buffer.from(Array.from({ length: n }, (_, i) => parseInt(all.slice(12 + i * 8, 20 + i * 8), 2))).toString();
}
