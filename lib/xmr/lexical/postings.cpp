#include "xmr/lexical/postings.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

PostingsPiece piece_of(const Postings& all, std::size_t number) {
  const std::size_t first = number * kPieceFeatures;
  const std::size_t count = std::min(kPieceFeatures, all.largest.size() - first);
  const std::uint64_t begin = all.offsets[first], end = all.offsets[first + count];
  return {std::span(all.offsets).subspan(first, count + 1), std::span(all.largest).subspan(first, count),
          std::span(all.postings).subspan(begin, end - begin)};
}

}  // namespace

Postings invert(CsrView documents, const ImpactsOfFeature& impacts, Parallel& parallel, std::uint64_t max_documents) {
  const CsrMatrix by_feature = transpose(documents);
  const CsrView view = by_feature.view();
  Postings built;
  built.documents = documents.rows;
  built.offsets.push_back(0);
  built.offsets.reserve(view.rows + 1);
  for (Row feature = 0; feature < view.rows; ++feature) {
    const std::size_t size = view.row(feature).size();
    built.offsets.push_back(built.offsets.back() + (size <= max_documents ? size : 0));
  }
  built.largest.resize(view.rows);
  built.postings.resize(built.offsets.back());
  parallel.for_blocks(view.rows, kPieceFeatures, [&](std::size_t begin, std::size_t end, unsigned) {
    std::vector<std::uint32_t> of_feature;
    for (std::size_t feature = begin; feature < end; ++feature) {
      const SparseRow row = view.row(feature);
      if (row.size() > max_documents) continue;
      of_feature.resize(row.size());
      impacts(row, of_feature);
      for (std::size_t i = 0; i < row.size(); ++i) {
        built.postings[built.offsets[feature] + i] = {row.indices[i], of_feature[i]};
        built.largest[feature] = std::max(built.largest[feature], of_feature[i]);
      }
    }
  });
  add_checksums(built, parallel);
  return built;
}

void add_checksums(Postings& postings, Parallel& parallel) {
  postings.checksums.resize((postings.largest.size() + kPieceFeatures - 1) / kPieceFeatures);
  parallel.for_blocks(postings.largest.size(), kPieceFeatures, [&](std::size_t begin, std::size_t, unsigned) {
    const std::size_t piece = begin / kPieceFeatures;
    postings.checksums[piece] = checksum(piece_of(postings, piece), piece);
  });
}

void write_postings(NpzWriter& out, const std::string& prefix, const Postings& postings) {
  out.add(prefix + "offsets", postings.offsets);
  out.add(prefix + "largest", postings.largest);
  out.add(prefix + "checksums", postings.checksums);
  const std::array<std::uint64_t, 2> shape = {postings.postings.size(), 2};
  const auto bytes = std::as_bytes(std::span(postings.postings));
  out.add(prefix + "postings", DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::uint64_t checksum(const PostingsPiece& piece, std::size_t number) {
  return hash64(piece.postings, hash64(piece.largest, hash64(piece.offsets, number)));
}

std::string find_fault(const PostingsPiece& piece, std::uint64_t documents) {
  for (std::size_t feature = 0; feature < piece.largest.size(); ++feature) {
    const std::uint64_t begin = piece.offsets[feature] - piece.offsets.front();
    std::uint32_t largest = 0;
    for (std::uint64_t i = begin; i < piece.offsets[feature + 1] - piece.offsets.front(); ++i) {
      const Posting posting = piece.postings[i];
      if (posting.document >= documents)
        return fmt::format("document {} is outside 0..{}", posting.document, documents - 1);
      if (i > begin && posting.document <= piece.postings[i - 1].document)
        return "the documents of a feature are not increasing";
      if (posting.impact == 0) return "an impact is 0";
      largest = std::max(largest, posting.impact);
    }
    if (largest != piece.largest[feature]) return "a largest impact is not that of the postings";
  }
  return {};
}

}  // namespace xmr
