#include "xmr/train/retrieval_parts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/io/json.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/lexical/postings_search.hpp"
#include "xmr/retrieve/text_space.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockTexts = 1024;
constexpr std::uint64_t kFewTexts = 20000;

// Calls use(block, row of counts) for each text in order, block by block; blocks run in parallel.
template <class Use>
void read_texts(std::size_t texts, const Vectorizer& vectorizer, std::size_t blocks, Parallel& parallel,
                const std::function<std::string_view(std::size_t)>& text_of, const Use& use) {
  std::vector<Vectorizer::Scratch> scratch(parallel.threads());
  parallel.for_blocks(texts, kBlockTexts, [&](std::size_t begin, std::size_t end, unsigned worker) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view text = text_of(i);
      use(begin / kBlockTexts, vectorizer.apply({&text, 1}, scratch[worker], blocks));
    }
  });
}

struct CountedTexts {
  CsrMatrix weighed;  // counts yet
  CsrMatrix words, grams;
};

// `with_grams`: also the n-grams of characters of both blocks.
CountedTexts count_texts(std::size_t texts, const Vectorizer& vectorizer, bool with_grams, Parallel& parallel,
                         const std::function<std::string_view(std::size_t)>& text_of) {
  const TextSpace space(vectorizer);
  const std::size_t blocks = (texts + kBlockTexts - 1) / kBlockTexts;
  std::vector<CsrMatrix> weighed(blocks, CsrMatrix(space.weighed())), words(blocks, CsrMatrix(space.words())),
      grams(blocks, CsrMatrix(space.grams()));
  read_texts(texts, vectorizer, with_grams ? kTextBlocks : kWeighedBlocks, parallel, text_of,
             [&](std::size_t block, SparseRow row) {
               for (std::size_t i = 0; i < row.size(); ++i) {
                 const std::uint32_t feature = row.indices[i];
                 const float count = row.values[i];
                 if (feature < space.words()) words[block].push(feature, count);
                 if (feature < space.weighed()) weighed[block].push(feature, count);
                 if (with_grams && feature >= space.first_gram())
                   grams[block].push(feature - space.first_gram(), count);
               }
               weighed[block].end_row();
               words[block].end_row();
               grams[block].end_row();
             });
  const auto joined = [](std::vector<CsrMatrix>& pieces, std::uint64_t cols) {
    if (pieces.empty()) return CsrMatrix(cols);
    std::vector<CsrView> views(pieces.begin(), pieces.end());
    CsrMatrix all = vstack(views);
    pieces.clear();
    return all;
  };
  return {joined(weighed, space.weighed()), joined(words, space.words()), joined(grams, space.grams())};
}

// of_trees: the vectorizer that has all blocks but the last one, or null.
Vectorizer learn_vectorizer(const StoredNames& names, const StringTable& texts, const Vectorizer* of_trees,
                            Parallel& parallel) {
  const std::uint64_t all = texts.size() + names.keys.size();
  // In few texts an n-gram that occurs once may be that of a query.
  VectorizerOptions options = text_space_options(all < kFewTexts ? 1 : 2);
  if (of_trees != nullptr) {
    options.blocks.erase(options.blocks.begin(), options.blocks.begin() + kWeighedBlocks);
    options.tokenizer = of_trees->options().tokenizer;
  }
  VectorizerFit fit(std::move(options), parallel.threads());
  const Phase phase(parallel.observer(), "count", all, "texts");
  parallel.for_blocks(all, kBlockTexts, [&](std::size_t begin, std::size_t end, unsigned worker) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view text = i < texts.size() ? texts[i] : names.text(static_cast<LabelId>(i - texts.size()));
      fit.add({&text, 1}, worker);
    }
    parallel.observer().advance(end - begin);
  });
  Vectorizer learnt = fit.finish(parallel);
  return of_trees == nullptr ? std::move(learnt) : Vectorizer::counting(*of_trees, learnt, parallel);
}

std::vector<float> idf_of(CsrView rows, CsrView labels) {
  std::vector<std::uint32_t> df(rows.cols);
  for (const CsrView texts : {rows, labels})
    for (const std::uint32_t feature : texts.indices)
      ++df[feature];
  const auto n = static_cast<double>(rows.rows + labels.rows);
  std::vector<float> idf;
  idf.reserve(df.size());
  for (const std::uint32_t d : df)
    idf.push_back(static_cast<float>(std::log((1 + n) / (1 + static_cast<double>(d))) + 1));
  return idf;
}

void weigh(const TextSpace& space, std::span<const float> idf, CsrMatrix& rows, Parallel& parallel) {
  const CsrView view = rows;
  const std::span<float> values = rows.mutable_values();
  parallel.for_blocks(view.rows, kBlockTexts, [&](std::size_t begin, std::size_t end, unsigned) {
    for (Row row = begin; row < end; ++row)
      weigh_row(space, view.row(row).indices, idf, values.subspan(view.indptr[row], view.row(row).size()));
  });
}

CsrMatrix take(CsrMatrix& from) {
  return std::exchange(from, CsrMatrix(0));
}

// The settings of XR-Linear for text: relevance induced, rows of norm 1, cost 2, positives twice, threshold 0.03.
TrainOptions text_training(std::size_t depth, std::uint64_t seed) {
  TrainOptions options;
  options.levels.resize(depth);
  for (std::size_t level = 0; level < depth; ++level) {
    LevelOptions& of = options.levels[level];
    of.solver.cost_positive = 4;
    of.solver.cost_negative = 2;
    of.keep.threshold = 0.03F;
    of.keep.threshold_negative = of.keep.threshold * default_negative_factor(of.solver.loss, level, depth);
  }
  options.relevance = {Relevance::induce, Norm::l2};
  options.seed = seed;
  return options;
}

AlignedBytes make_tree(CsrView x, CsrView y, const RetrievalOptions& options, std::uint64_t seed, Parallel& parallel) {
  KMeansTreeOptions form;
  form.kmeans.seed = seed;
  const LabelTree tree = [&] {
    const Phase phase(parallel.observer(), "index", 0, "labels");
    return kmeans_tree(embed_labels(x, y, CsrView(), {}, parallel), form, parallel);
  }();
  const TrainOptions training = text_training(tree.depth(), seed);
  const TrainedLevels trained = train_xr_linear(x, y, tree, training, parallel);
  AlignedBytes bytes;
  write_model(NpzWriter(bytes), XrLinearParts{.tree = tree,
                                              .features = x.cols,
                                              .weight_type = training.of(0).keep.type,
                                              .levels = trained.chunks,
                                              .defaults = {.beam = options.beam},
                                              .options = Json::object()});
  return bytes;
}

// A search of a Retriever drops features of more labels than enough_postings(), unless the query has no other.
AlignedBytes make_bm25(CsrView documents, Parallel& parallel) {
  AlignedBytes bytes;
  write_model(NpzWriter(bytes),
              Bm25Parts{.postings = build_postings(documents, {}, parallel, enough_postings(documents.rows)),
                        .options = Json::object()});
  return bytes;
}

}  // namespace

std::vector<Row> rows_with_labels(CsrView y) {
  std::vector<Row> rows;
  for (Row row = 0; row < y.rows; ++row)
    if (y.row(row).size() > 0) rows.push_back(row);
  return rows;
}

RetrievalOptions RetrievalOptions::fast() {
  RetrievalOptions options;
  options.listed = 50;
  options.beam = 5;
  return options;
}

RetrievalData read_retrieval_data(const StoredNames& names, const StringTable& texts, CsrView y, Parallel& parallel,
                                  const Vectorizer* of_trees) {
  Vectorizer vectorizer = learn_vectorizer(names, texts, of_trees, parallel);
  const Phase phase(parallel.observer(), "featurize", 0, "texts");
  CountedTexts rows = count_texts(texts.size(), vectorizer, false, parallel, [&](std::size_t i) { return texts[i]; });
  CountedTexts labels = count_texts(names.keys.size(), vectorizer, true, parallel,
                                    [&](std::size_t i) { return names.text(static_cast<LabelId>(i)); });
  std::vector<float> idf = of_trees != nullptr ? of_trees->idf() : idf_of(rows.weighed, labels.weighed);
  const TextSpace space(vectorizer);
  weigh(space, idf, rows.weighed, parallel);
  weigh(space, idf, labels.weighed, parallel);
  return {names,
          texts,
          y,
          std::move(vectorizer),
          std::move(idf),
          std::move(rows.weighed),
          std::move(rows.words),
          std::move(labels.weighed),
          std::move(labels.words),
          std::move(labels.grams)};
}

RetrievalParts make_parts(RetrievalData& data, CsrView y, const RetrievalOptions& options, Parallel& parallel) {
  const std::vector<Row> rows = rows_with_labels(y);
  const CsrMatrix labels = select_rows(y, rows);
  RetrievalParts parts{.vectorizer = &data.vectorizer, .names = data.names, .idf = data.idf, .listed = options.listed};
  std::vector<std::uint32_t> counts(data.names.keys.size());
  for (const LabelId label : y.indices)
    ++counts[label];
  parts.texts = build_label_texts(data.names, data.vectorizer, counts, rows.size());
  {
    const CsrMatrix words = select_rows(take(data.words), rows), of_labels = take(data.label_words);
    parts.links = build_word_links(words, labels, parts.texts.view(), parallel);
    if (options.has(Source::words))
      parts.words = make_bm25(documents_of_rows_and_texts(words, labels, of_labels, parallel), parallel);
  }
  if (const CsrMatrix grams = take(data.label_grams); options.has(Source::grams))
    parts.grams = make_bm25(grams, parallel);
  if (options.has(Source::trees) || options.has(Source::neighbours)) {
    const InstanceMatrices all = [&] {
      const CsrMatrix weighed = select_rows(take(data.weighed), rows);
      return with_label_rows(weighed, labels, take(data.label_weighed));
    }();
    if (options.has(Source::neighbours)) parts.neighbours = build_neighbours(all.x, all.y, parallel);
    if (!options.has(Source::trees)) return parts;
    for (std::uint32_t tree = 0; tree < options.trees; ++tree)
      parts.trees.push_back(make_tree(all.x, all.y, options, options.seed + tree, parallel));
  }
  return parts;
}

}  // namespace xmr
