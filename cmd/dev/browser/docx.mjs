// Filling in the form that came as a document, as a word processor would: the words of its controls are written into the
// package, and the rest stays as it is.
import assert from 'node:assert/strict';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

const main = 'word/document.xml';

// unzip gives the parts of a package by name; those that we write have their sizes in the directory at the end.
function unzip(file) {
  const end = file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.ok(end >= 0, 'not a package');
  const parts = new Map();
  let at = file.readUInt32LE(end + 16);
  for (let n = file.readUInt16LE(end + 10); n > 0; n--) {
    const [method, size] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20)];
    const [name, extra, comment, from] = [file.readUInt16LE(at + 28), file.readUInt16LE(at + 30), file.readUInt16LE(at + 32), file.readUInt32LE(at + 42)];
    const start = from + 30 + file.readUInt16LE(from + 26) + file.readUInt16LE(from + 28);
    const packed = file.subarray(start, start + size);
    parts.set(file.toString('utf8', at + 46, at + 46 + name), method ? inflateRawSync(packed) : packed);
    at += 46 + name + extra + comment;
  }
  return parts;
}

function zip(parts) {
  const files = [];
  const directory = [];
  let at = 0;
  for (const [name, bytes] of parts) {
    const packed = deflateRawSync(bytes);
    const shared = Buffer.alloc(26); // what both headers say, from the version on
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x800, 2); // names are UTF-8
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(0x21, 8); // the first day that the format knows
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), shared, rest, Buffer.from(name)]));
    files.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}

// fill writes answers into a form, by the words of the question: what is to be typed or chosen, or true for a box to tick.
export function fill(file, answers) {
  const parts = unzip(file);
  let xml = parts.get(main).toString();
  const escape = (s) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  for (const [label, answer] of Object.entries(answers)) {
    let found = 0;
    xml = xml.replace(/<w:sdt>.*?<\/w:sdt>/gs, (control) => {
      const name = /<w:alias w:val="([^"]*)"/.exec(control)[1];
      if (!name.startsWith(escape(label).slice(0, 50))) return control;
      found++;
      if (answer === true) return control.replace('<w14:checked w14:val="0"/>', '<w14:checked w14:val="1"/>').replace('☐', '☒');
      if (control.includes('<w:dropDownList>')) assert.ok(control.includes(`w:displayText="${escape(answer)}"`), `${label} does not offer ${answer}`);
      return control.replace('<w:showingPlcHdr/>', '').replace(/(<w:t [^>]*>).*?(<\/w:t>)/s, `$1${escape(answer)}$2`);
    });
    assert.equal(found, 1, `the document asks ${found} times for ${label}`);
  }
  parts.set(main, Buffer.from(xml));
  return zip(parts);
}
