#!/usr/bin/python3
"""Answers one query through the C library: ask.py libxmr.so model.npz "wireless echo" """
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.xmr_open.restype = ctypes.c_void_p
library.xmr_key.restype = ctypes.c_void_p
library.xmr_error.restype = ctypes.c_char_p

ranker = ctypes.c_void_p(library.xmr_open(sys.argv[2].encode(), 10))
if not ranker:
    sys.exit("ask.py: " + library.xmr_error().decode())
text, labels, scores, size = sys.argv[3].encode(), (ctypes.c_uint32 * 10)(), (ctypes.c_float * 10)(), ctypes.c_size_t()
for i in range(library.xmr_rank(ranker, text, ctypes.c_size_t(len(text)), labels, scores)):
    key = library.xmr_key(ranker, labels[i], ctypes.byref(size))
    print(ctypes.string_at(key, size.value).decode(), scores[i], sep="\t")
library.xmr_close(ranker)
