#!/usr/bin/env python3
"""Makes the font files of this folder; see README.md. Debian: fonts-noto-core fonts-noto-cjk python3-fonttools."""
import gzip, io, os
from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

NOTO, CJK = "/usr/share/fonts/truetype/noto/", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def span(*pairs):
    return {c for a, b in pairs for c in range(a, b + 1)}


LATIN = span((0x20, 0x7E), (0xA0, 0x24F), (0x259, 0x259), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x2064), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2190, 0x2193), (0x2212, 0x2212), (0x25CC, 0x25CC), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD))
ARABIC = span((0x20, 0x22), (0x27, 0x3F), (0x5B, 0x5F), (0x7B, 0x7D), (0xA0, 0xA0), (0xAB, 0xAB), (0xBB, 0xBB), (0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0x2010, 0x2026), (0x25CC, 0x25CC), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))


def make(font, name, codes, features):
    o = subset.Options()
    o.layout_features, o.notdef_outline, o.hinting, o.glyph_names, o.legacy_kern = features, True, False, False, False
    o.name_IDs, o.drop_tables = [0, 1, 2, 13, 14], o.drop_tables + ["meta", "STAT", "BASE", "VORG", "vhea", "vmtx", "gasp", "DSIG"]
    s = subset.Subsetter(o)
    s.populate(unicodes=codes)
    s.subset(font)
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    b = io.BytesIO()
    font.save(b)
    out = name + ".gz"
    with open(out, "wb") as f, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=f, mtime=0) as z:
        z.write(b.getvalue())
    print(f"{out}: {len(font.getGlyphOrder())} glyphs, {len(b.getvalue())} bytes, {os.path.getsize(out)} compressed")


marks = ["ccmp", "locl", "mark", "mkmk", "kern"]
joining = marks + ["isol", "init", "medi", "fina", "rlig", "liga", "calt", "curs"]
for weight in ("Regular", "Bold"):
    make(TTFont(NOTO + f"NotoSans-{weight}.ttf"), f"NotoSans-{weight}.ttf", LATIN, marks)
    make(TTFont(NOTO + f"NotoSansArabic-{weight}.ttf"), f"NotoSansArabic-{weight}.ttf", ARABIC, joining)
# All CJK Unified Ideographs of the first block and all syllables of Hangul: names hold rare ones.
east = span((0x20, 0x7E), (0x2014, 0x2026), (0x2460, 0x2473), (0x25A0, 0x25CF), (0x2610, 0x2612), (0x3000, 0x30FF), (0x3131, 0x318E), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE6))
make(TTCollection(CJK).fonts[2], "NotoSansCJK-Regular.otf", east, [])
