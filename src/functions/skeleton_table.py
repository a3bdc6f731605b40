#!/usr/bin/env python3
"""Prints skeleton_table.inc: what characters look like, as plain letters.

    python3 src/functions/skeleton_table.py > src/functions/skeleton_table.inc

Needs ICU (Debian: libicu72, any version will do), which knows the confusables
of Unicode (UTS 39). On top of them: compatibility forms are taken apart, letter
case is folded, `i` looks like `l` so that a skeleton does not depend on case,
and what has no shape is nothing. Kept are characters that look like ASCII, with
marks or without: names are spoofed in these.
"""

import ctypes
import glob
import re
import sys
import unicodedata


class Icu:

    def __init__(self):
        path = sorted(glob.glob("/usr/lib/*/libicui18n.so.*"))[-1]
        self.version = re.search(r"\.so\.(\d+)", path).group(1)
        library = ctypes.CDLL(path)
        status = ctypes.c_int(0)
        opener = getattr(library, f"uspoof_open_{self.version}")
        opener.restype = ctypes.c_void_p
        self.checker = opener(ctypes.byref(status))
        self.get = getattr(library, f"uspoof_getSkeletonUTF8_{self.version}")
        self.get.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p,
                             ctypes.c_int32, ctypes.c_char_p, ctypes.c_int32,
                             ctypes.POINTER(ctypes.c_int)]

    def skeleton(self, text):
        data = text.encode()
        status = ctypes.c_int(0)
        buffer = ctypes.create_string_buffer(400)
        size = self.get(self.checker, 0, data, len(data), buffer, len(buffer),
                        ctypes.byref(status))
        if status.value > 0:
            sys.exit(f"ICU error {status.value} for {text!r}")
        return buffer.raw[:size].decode()


def fold(text):
    folded = ""
    for char in text:
        forms = [f for f in (char.casefold(), char.lower()) if len(f) == 1]
        folded += forms[0] if forms else char
    return folded


def skeleton(icu, char):
    if unicodedata.category(char) == "Cf":
        return ""
    text = char
    while True:
        after = unicodedata.normalize("NFKD", text)
        after = fold(icu.skeleton(fold(icu.skeleton(after))))
        after = after.replace("i", "l")
        if after == text:
            return text
        text = after


def is_plain(text):
    """Whether all of it is ASCII, or a mark."""
    return all(c.isascii() or unicodedata.combining(c) for c in text)


def literal(text):
    out = ""
    for char in text:
        if not char.isascii():
            out += f"\\u{ord(char):04x}"
        elif char in '"\\':
            out += "\\" + char
        else:
            out += char
    return f'"{out}"'


def main():
    icu = Icu()
    print(f"// Made by skeleton_table.py of ICU {icu.version} and Unicode "
          f"{unicodedata.unidata_version}. Do not edit.")
    print("// From data files of Unicode, Inc.: https://www.unicode.org/license.txt")
    line = ""
    for code_point in range(0x21, sys.maxunicode + 1):
        char = chr(code_point)
        if unicodedata.category(char) in ("Cn", "Co", "Cs", "Cc"):
            continue
        looks = skeleton(icu, char)
        if looks == fold(char) or not is_plain(looks):
            continue
        entry = f"{{0x{code_point:04x}, {literal(looks)}}},"
        if len(line) + len(entry) > 98:
            print(line)
            line = ""
        line += (" " if line else "") + entry
    print(line)


if __name__ == "__main__":
    main()
