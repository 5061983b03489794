#include "xmr/api/vectorizer.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/vectorizer_file.hpp"

namespace xmr::api {

struct TextVectorizer::State {
  explicit State(std::shared_ptr<const VectorizerFile> opened) : file(std::move(opened)) {}

  std::shared_ptr<const VectorizerFile> file;
  Vectorizer::Scratch scratch;
};

TextVectorizer::TextVectorizer(const std::string& path)
    : state_(std::make_unique<State>(std::make_shared<const VectorizerFile>(path))) {}
TextVectorizer::TextVectorizer(const TextVectorizer& other) : state_(std::make_unique<State>(other.state_->file)) {}
TextVectorizer& TextVectorizer::operator=(const TextVectorizer& other) {
  return *this = TextVectorizer(other);
}
TextVectorizer::TextVectorizer(TextVectorizer&&) noexcept = default;
TextVectorizer& TextVectorizer::operator=(TextVectorizer&&) noexcept = default;
TextVectorizer::~TextVectorizer() = default;

std::uint64_t TextVectorizer::features() const {
  return state_->file->vectorizer().features();
}

const std::vector<std::string>& TextVectorizer::columns() const {
  return state_->file->vectorizer().columns();
}

std::string TextVectorizer::feature_text(FeatureId feature) const {
  return state_->file->vectorizer().feature_text(feature);
}

SparseRow TextVectorizer::operator()(std::span<const std::string_view> texts) {
  if (texts.size() != columns().size())
    throw ConfigError(fmt::format("{}: {} texts, the vectorizer reads {} columns", state_->file->name(), texts.size(),
                                  columns().size()));
  return state_->file->vectorizer().apply(texts, state_->scratch);
}

}  // namespace xmr::api
