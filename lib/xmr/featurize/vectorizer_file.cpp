#include "xmr/featurize/vectorizer_file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "xmr/featurize/vectorizer_state.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "vectorizer";
constexpr int kFormatVersion = 1;

// Slots are stored as pairs of 32-bit numbers: hash, entry.
void write_slots(NpzWriter& out, const std::string& name, SlotView slots) {
  const std::uint64_t shape[2] = {slots.slots().size(), 2};
  const auto bytes = std::as_bytes(slots.slots());
  out.add(name, DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

NpyArray read_pairs(const NpzFile& file, const std::string& name, std::uint64_t width) {
  NpyArray array = file.get(name);
  if (array.shape.size() != 2 || array.shape[1] != width || array.fortran_order)
    throw FormatError(array.name, fmt::format("must have two dimensions, the second of {}", width));
  return array;
}

SlotView read_slots(const NpzFile& file, const std::string& name) {
  const auto numbers = read_pairs(file, name, 2).as<std::uint32_t>();
  return SlotView({reinterpret_cast<const Slot*>(numbers.data()), numbers.size() / 2});
}

}  // namespace

Json Vectorizer::describe() const {
  Json json = to_json(state_->options);
  json["rows"] = state_->rows;
  json["features"] = state_->features;
  json["unicode"] = state_->unicode;
  json["fingerprint"] = state_->fingerprint;
  return json;
}

void Vectorizer::write(NpzWriter& out, const std::string& prefix) const {
  if (state_->looks_words_up()) {
    write_slots(out, prefix + "words/slots", state_->words.slots());
    write_string_table(out, prefix + "words/", state_->words.words());
  }
  for (std::size_t i = 0; i < state_->blocks.size(); ++i) {
    const VectorizerState::Block& block = state_->blocks[i];
    const std::string name = fmt::format("{}block{}/", prefix, i);
    if (block.options.hash_bits == 0) {
      const GramArray& grams = block.grams.grams();
      const std::uint64_t shape[2] = {grams.size(), grams.width};
      const auto bytes = std::as_bytes(grams.symbols);
      write_slots(out, name + "slots", block.grams.slots());
      out.add(name + "grams", DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    if (block.options.idf != InverseDocumentFrequency::none) out.add(name + "idf", block.idf);
  }
}

namespace {

void read_tables(const NpzFile& file, const std::string& prefix, VectorizerState& state) {
  if (state.looks_words_up())
    state.words = WordTable(read_slots(file, prefix + "words/slots"), read_string_table(file, prefix + "words/"));
  for (std::size_t i = 0; i < state.blocks.size(); ++i) {
    VectorizerState::Block& block = state.blocks[i];
    const std::string name = fmt::format("{}block{}/", prefix, i);
    if (block.options.hash_bits == 0) {
      const std::uint32_t width = block.options.max_n;
      const auto grams = read_pairs(file, name + "grams", width).as<std::uint32_t>();
      block.grams = GramTable(read_slots(file, name + "slots"), {grams, width});
    }
    if (block.options.idf != InverseDocumentFrequency::none) block.idf = file.array<float>(name + "idf");
  }
  if (!state.number_features())
    throw FormatError(file.name(), fmt::format("vectorizer has more than {} features", kMaxColumns));
  for (std::size_t i = 0; i < state.blocks.size(); ++i) {
    const VectorizerState::Block& block = state.blocks[i];
    const std::string name = fmt::format("member {}block{}/idf", prefix, i);
    if (block.options.idf != InverseDocumentFrequency::none && block.idf.size() != block.features)
      throw FormatError(file.name(),
                        fmt::format("{} has {} items for {} features", name, block.idf.size(), block.features));
    if (!std::ranges::all_of(block.idf, [](float idf) { return idf >= 0 && std::isfinite(idf); }))
      throw FormatError(file.name(), name + " has items that are not weights");
  }
}

}  // namespace

Vectorizer Vectorizer::read(const NpzFile& file, const std::string& prefix, const Json& description) {
  const std::string place = file.name() + ": vectorizer in meta.json";
  auto state = std::make_unique<VectorizerState>(vectorizer_options(description, place));
  const auto require = [&](const char* name, bool (Json::*is)() const) {
    const Json* const found = description.find(name);
    if (found == nullptr || !(found->*is)())
      throw FormatError(place, fmt::format("\"{}\" is missing or has a bad value", name));
    return *found;
  };
  state->rows = require("rows", &Json::is_count).get<std::uint64_t>();
  state->unicode = require("unicode", &Json::is_string).get<std::string>();
  read_tables(file, prefix, *state);
  if (const auto features = require("features", &Json::is_count); features != state->features)
    throw FormatError(place, fmt::format("{} features, but the tables have {}", features.dump(), state->features));
  state->fingerprint = state->compute_fingerprint();
  if (require("fingerprint", &Json::is_string) != state->fingerprint)
    throw FormatError(file.name(), "the vectorizer's tables are not those it was written with: the file is damaged");
  return Vectorizer(std::move(state));
}

VectorizerFile::VectorizerFile(const std::string& path)
    : file_(path),
      vectorizer_((file_.require_kind(kKind, kFormatVersion), Vectorizer::read(file_, "", file_.meta().content))) {}

void write_vectorizer(NpzWriter& out, const Vectorizer& vectorizer) {
  vectorizer.write(out, "");
  out.commit({std::string(kKind), kFormatVersion, vectorizer.describe()});
}

}  // namespace xmr
