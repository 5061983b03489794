#include "xmr/io/foreign_file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/packing.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

using namespace std::string_view_literals;

// Commands: {0} is the file, {1} the text and {2} the matrix to write. "": no common program writes it.
struct ForeignKind {
  std::string_view bytes;
  std::size_t at;
  const char* name;
  const char* as_text;
  const char* as_matrix = "";
};

constexpr const char* kOldOffice = "is a file of old Microsoft Office";
constexpr const char* kCalc = "soffice --headless --convert-to csv {0}";
constexpr const char* kPickle = "is a pickle of Python's";
constexpr const char* kPickleText =
    "python3 -c 'import pandas,sys; pandas.DataFrame(pandas.read_pickle(sys.argv[1]))."
    "to_csv(sys.argv[2],index=False)' {0} {0}.csv";
constexpr const char* kPickleMatrix =
    "python3 -c 'import pickle,sys,scipy.sparse; scipy.sparse.save_npz(sys.argv[2],"
    "scipy.sparse.csr_matrix(pickle.load(open(sys.argv[1],\"rb\"))))' {0} {2}";
constexpr const char* kJoblibMatrix =
    "python3 -c 'import joblib,sys,scipy.sparse; scipy.sparse.save_npz(sys.argv[2],"
    "scipy.sparse.csr_matrix(joblib.load(sys.argv[1])))' {0} {2}";
constexpr const char* kMarketMatrix =
    "python3 -c 'import sys,scipy.io,scipy.sparse; scipy.sparse.save_npz(sys.argv[2],"
    "scipy.io.mmread(sys.argv[1]).tocsr())' {0} {2}";
constexpr const char* kMatlabMatrix =
    "python3 -c 'import sys,scipy.io,scipy.sparse; scipy.sparse.save_npz(sys.argv[2],scipy.sparse.csr_matrix("
    "next(v for k,v in scipy.io.loadmat(sys.argv[1]).items() if k[0]!=\"_\")))' {0} {2}";
constexpr const char* kTensorMatrix =
    "python3 -c 'import sys,numpy,safetensors.numpy; numpy.save(open(sys.argv[2],\"wb\"),"
    "next(iter(safetensors.numpy.load_file(sys.argv[1]).values())))' {0} {0}.npy";
constexpr const char* kTorchMatrix =
    "python3 -c 'import sys,numpy,torch; numpy.save(open(sys.argv[2],\"wb\"),"
    "torch.load(sys.argv[1]).numpy())' {0} {0}.npy";
constexpr const char* kParquetText =
    "python3 -c 'import pandas,sys; pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {0}.csv";
constexpr const char* kFeatherText =
    "python3 -c 'import pandas,sys; pandas.read_feather(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {0}.csv";
constexpr const char* kOrcText =
    "python3 -c 'import pandas,sys; pandas.read_orc(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {0}.csv";
constexpr const char* kHdfList = "python3 -c 'import h5py,sys; h5py.File(sys.argv[1]).visit(print)' {0}";
constexpr const char* kXmlText =
    "python3 -c 'import sys,xml.etree.ElementTree as t; [print(\" \".join(\"\".join(e.itertext()).split())) "
    "for e in t.parse(sys.argv[1]).getroot()]' {0} > {1}";
constexpr const char* kHtml = "is a page of HTML";
constexpr const char* kWebPage = "head -c 400 {0}";  // it may say why the server did not send the file
constexpr const char* kUtf16 = "iconv -f UTF-16 -t UTF-8 {0} > {1}";
constexpr const char* kUtf32 = "iconv -f UTF-32 -t UTF-8 {0} > {1}";

constexpr ForeignKind kKinds[] = {
    {"\x04\x22\x4d\x18"sv, 0, "is compressed (lz4), which is not built in", "lz4 -dc {0} > {1}"},
    {"\x02\x21\x4c\x18"sv, 0, "is compressed (lz4), which is not built in", "lz4 -dc {0} > {1}"},
    {"7z\xbc\xaf\x27\x1c"sv, 0, "is a 7z archive", "7z x -so {0} > {1}"},
    {"Rar!\x1a\x07"sv, 0, "is a RAR archive", "unrar p -inul {0} > {1}"},
    {"\x1f\x9d"sv, 0, "is compressed (compress, .Z), which is not built in", "gzip -dc {0} > {1}"},
    {"\x1f\xa0"sv, 0, "is compressed (LZH), which is not built in", "gzip -dc {0} > {1}"},
    {"\x1f\x1e"sv, 0, "is compressed (pack, .z), which is not built in", "gzip -dc {0} > {1}"},
    {"LZIP\x01"sv, 0, "is compressed (lzip), which is not built in", "lzip -dc {0} > {1}"},
    {"\x89LZO\x00\r\n\x1a\n"sv, 0, "is compressed (lzop), which is not built in", "lzop -dc {0} > {1}"},
    {"\x5d\x00\x00"sv, 0, "is compressed (lzma), which is not built in", "xz -dc --format=lzma {0} > {1}"},
    {"\xff\x06\x00\x00sNaPpY"sv, 0, "is compressed (snappy), which is not built in", "snzip -dc {0} > {1}"},
    {"\x78\x9c"sv, 0, "is compressed (zlib), which is not built in", "zlib-flate -uncompress < {0} > {1}",
     kJoblibMatrix},
    {"\x78\xda"sv, 0, "is compressed (zlib), which is not built in", "zlib-flate -uncompress < {0} > {1}",
     kJoblibMatrix},
    {"PAR1\x15"sv, 0, "is a Parquet file", kParquetText, kParquetText},
    {"ARROW1\x00\x00"sv, 0, "is an Arrow file", kFeatherText, kFeatherText},
    {"FEA1"sv, 0, "is a Feather file", kFeatherText, kFeatherText},
    {"ORC\x08"sv, 0, "is an ORC file", kOrcText, kOrcText},
    {"Obj\x01"sv, 0, "is an Avro file", "avro-tools tojson {0} > {0}.jsonl"},
    {"\x89HDF\r\n\x1a\n"sv, 0, "is an HDF5 file", kHdfList, kHdfList},
    {"SQLite format 3\x00"sv, 0, "is an SQLite database",
     "sqlite3 -header -csv {0} \"SELECT * FROM $(sqlite3 {0} \"SELECT name FROM sqlite_master LIMIT 1\")\" > {0}.csv"},
    {"PGDMP"sv, 0, "is a dump of PostgreSQL", "pg_restore -f {0}.sql {0}"},
    {"--\n-- PostgreSQL database dump"sv, 0, "is a dump of PostgreSQL, commands of SQL",
     "sed -n '/^COPY /,/^\\\\\\.$/{{/^COPY /d;/^\\\\\\.$/d;p}}' {0} > {1}"},
    {"-- MySQL dump"sv, 0, "is a dump of MySQL, commands of SQL", "mysql < {0}"},
    {"%PDF-"sv, 0, "is a PDF file", "pdftotext {0} {1}"},
    {"\x89PNG\r\n"sv, 0, "is a picture (PNG)", "tesseract {0} stdout > {1}"},
    {"\xff\xd8\xff"sv, 0, "is a picture (JPEG)", "tesseract {0} stdout > {1}"},
    {"version https://git-lfs.github.com/spec/"sv, 0, "is a pointer of Git LFS, not the file itself",
     "git lfs pull --include {0}", "git lfs pull --include {0}"},
    {"%%MatrixMarket"sv, 0, "is a matrix in Matrix Market form", kMarketMatrix, kMarketMatrix},
    {"MATLAB 5.0 MAT-file"sv, 0, "is a file of MATLAB", kMatlabMatrix, kMatlabMatrix},
    {"\xba\x16\x4f\x2f"sv, 0, "is a model of fastText", "fasttext dump {0} args"},
    {"GGUF"sv, 0, "is a model of llama.cpp", "gguf-dump {0}"},
    {"<!DOCTYPE html"sv, 0, kHtml, kWebPage, kWebPage},
    {"<!doctype html"sv, 0, kHtml, kWebPage, kWebPage},
    {"<html"sv, 0, kHtml, kWebPage, kWebPage},
    {"<?xml "sv, 0, "is XML", kXmlText},
    {"<top>"sv, 0, "is a file of topics of TREC",
     "awk '/^<num>/ {{q = $NF}} /^<title>/ {{sub(/^<title>[ \\t]*/, \"\"); print q \"\\t\" $0}}' {0} > {1}"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, 0, kOldOffice, kCalc, kCalc},
    {"\x80\x02"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"\x80\x03"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"\x80\x04"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"\x80\x05"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"ccopy_reg\n"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"cnumpy."sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"(dp0\n"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"(lp0\n"sv, 0, kPickle, kPickleText, kPickleMatrix},
    {"\x00\x00{\""sv, 6, "is a file of safetensors", kTensorMatrix, kTensorMatrix},
    {"ustar"sv, 257, "is a tar archive", "tar -xOf {0} > {1}", "tar -xvf {0}"},
    {"\xff\xfe\x00\x00"sv, 0, "is UTF-32", kUtf32},
    {"\x00\x00\xfe\xff"sv, 0, "is UTF-32", kUtf32},
    {"\xff\xfe"sv, 0, "is UTF-16", kUtf16},
    {"\xfe\xff"sv, 0, "is UTF-16", kUtf16},
};

// Containers that are ZIP archives, told by the name of their first member.
constexpr ForeignKind kZips[] = {
    {"[Content_Types].xml"sv, 0, "is an Office document (.xlsx)", kCalc, kCalc},
    {"xl/"sv, 0, "is an Office document (.xlsx)", kCalc, kCalc},
    {"mimetype"sv, 0, "is an OpenDocument file (.ods)", kCalc, kCalc},
    {"archive/data.pkl"sv, 0, "is a file of PyTorch", kTorchMatrix, kTorchMatrix},
    {""sv, 0, "is a ZIP archive", "unzip -p {0} > {1}", "unzip {0}"},
};

// Text in 2 or 4 bytes a character without a mark: every other byte, or three of four, are 0 in ASCII.
const char* wide_encoding(std::string_view bytes) {
  std::array<std::size_t, 4> zeros{};
  const std::size_t size = std::min<std::size_t>(bytes.size(), 512) / 4 * 4;
  if (size < 8) return nullptr;
  for (std::size_t i = 0; i < size; ++i)
    zeros[i % 4] += bytes[i] == '\0' ? 1 : 0;
  const std::size_t most = size / 4 * 3 / 4;  // three quarters of the characters
  const auto many = [&](std::size_t place) { return zeros[place] >= most; };
  const auto none = [&](std::size_t place) { return zeros[place] * 4 < size / 4; };
  if (none(0) && many(1) && many(2) && many(3)) return "UTF-32LE";
  if (many(0) && many(1) && many(2) && none(3)) return "UTF-32BE";
  if (none(0) && many(1) && none(2) && many(3)) return "UTF-16LE";
  if (many(0) && none(1) && many(2) && none(3)) return "UTF-16BE";
  return nullptr;
}

// True if 8 or more of the first 4,096 bytes, and a twentieth of them, are controls that text does not hold. TAB, line
// ends, ESC and the separators 0x01 and 0x1c..0x1f, which some tables have, are none.
bool is_binary(std::string_view bytes) {
  bytes = bytes.substr(0, 4096);
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0 || (byte > 1 && byte < 0x1b && !(byte >= '\t' && byte <= '\r')) || byte == 0x7f;
  };
  const auto controls = static_cast<std::size_t>(std::ranges::count_if(bytes, is_control));
  return controls >= 8 && controls * 20 >= bytes.size();
}

const ForeignKind* foreign_kind(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04") && !may_hold_arrays(bytes)) {
    for (const ForeignKind& kind : kZips)
      if (first_zip_member(bytes).starts_with(kind.bytes)) return &kind;
  }
  for (const ForeignKind& kind : kKinds)
    if (bytes.size() >= kind.at && bytes.substr(kind.at).starts_with(kind.bytes)) return &kind;
  return nullptr;
}

// The command for a file, made of a pattern; a file from stdin is named FILE.
std::string command_for(const std::string& file, std::string_view pattern) {
  if (pattern.empty()) return {};
  const std::string name = file == "<stdin>" ? "FILE" : file;
  return fmt::format(fmt::runtime(pattern), shell_word(name), shell_word(file == "<stdin>" ? "TEXT" : file + ".txt"),
                     shell_word(name + ".npz"));
}

// Returns the command that makes matrices of a text.
std::string command_for_text(const std::string& file, std::string_view bytes) {
  const std::string_view text = without_mark(bytes);
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t colon = line.find(':');
  const bool has_pairs =
      colon != std::string_view::npos && colon > 0 && line[colon - 1] >= '0' && line[colon - 1] <= '9';
  const bool has_numbers =
      line.find(' ') != std::string_view::npos && line.find_first_not_of("0123456789 \r") == std::string_view::npos;
  const std::string word = shell_word(file == "<stdin>" ? "FILE" : file);
  if ((has_pairs || has_numbers) && line.find_first_not_of("0123456789 \t\r,:.+-eE") == std::string_view::npos)
    return fmt::format("xmr-featurize import -x X.npz -y Y.npz {}", word);
  return fmt::format(
      "xmr-featurize fit --word 1 -o vec.npz {0} && xmr-featurize apply -f vec.npz -x X.npz -y Y.npz {0}", word);
}

}  // namespace

void require_text(const std::string& file, std::string_view bytes) {
  if (const FileKind found = recognize(bytes); found == FileKind::npz || found == FileKind::npy) return;
  if (const ForeignKind* kind = foreign_kind(bytes)) {
    const std::string_view name = kind->name;
    const bool is_wide = name.starts_with("is UTF");
    const bool says_all = name.find("not ") != std::string_view::npos;
    throw DataError(file,
                    fmt::format("{}{}", name,
                                is_wide    ? ", text must be UTF-8"
                                : says_all ? ""
                                           : ", not text"),
                    command_for(file, kind->as_text));
  }
  if (const char* encoding = wide_encoding(bytes))
    throw DataError(file, fmt::format("is {} without a byte order mark, text must be UTF-8", encoding),
                    command_for(file, fmt::format("iconv -f {} -t UTF-8 {{0}} > {{1}}", encoding)));
  if (is_binary(bytes)) throw DataError(file, "is binary data, not text", command_for(file, "file {0}"));
}

std::string_view name_of_foreign(std::string_view bytes) {
  const ForeignKind* const kind = foreign_kind(bytes);
  return kind == nullptr ? std::string_view() : kind->name;
}

void refuse_as_matrix(const std::string& file, std::string_view bytes) {
  constexpr const char* kNeeded = "a matrix is npz or npy";
  if (const ForeignKind* kind = foreign_kind(bytes))
    throw FormatError(file, fmt::format("{}; {}", kind->name, kNeeded),
                      command_for(file, *kind->as_matrix == '\0' ? kind->as_text : kind->as_matrix));
  const bool is_other = wide_encoding(bytes) != nullptr || is_binary(bytes);
  throw FormatError(file, "is not a matrix: neither npz nor npy",
                    is_other ? command_for(file, "file {0}") : command_for_text(file, bytes));
}

}  // namespace xmr
