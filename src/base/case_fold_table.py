#!/usr/bin/env python3
"""Prints case_fold_table.inc: simple case folding as ranges.

    python3 src/base/case_fold_table.py > src/base/case_fold_table.inc

Python knows full folding only. Simple folding is the same where that is one
character; elsewhere it is the lower-case form if that is one character.
"""

import sys
import unicodedata


def simple_fold(code_point):
    char = chr(code_point)
    for folded in (char.casefold(), char.lower()):
        if len(folded) == 1:
            return ord(folded)
    return code_point


def ranges():
    """Yields (first, last, stride, delta); code points that fold, in order."""
    current = None
    for code_point in range(0x80, sys.maxunicode + 1):
        if 0xD800 <= code_point <= 0xDFFF:
            continue
        delta = simple_fold(code_point) - code_point
        if delta == 0:
            continue
        if current is not None and delta == current[3]:
            first, last, stride, _ = current
            step = code_point - last
            # A range of one code point takes the stride of its second.
            if step == stride or (first == last and step <= 2):
                current = (first, code_point, step, delta)
                continue
        if current is not None:
            yield current
        current = (code_point, code_point, 1, delta)
    yield current


def main():
    print(f"// Unicode {unicodedata.unidata_version}, made by case_fold_table.py."
          " Do not edit.")
    print("// First and last code point, stride, what is added to fold.")
    for first, last, stride, delta in ranges():
        print(f"{{0x{first:04X}, 0x{last:04X}, {stride}, {delta}}},")


if __name__ == "__main__":
    main()
