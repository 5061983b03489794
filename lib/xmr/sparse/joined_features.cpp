#include "xmr/sparse/joined_features.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/sparse/changed_rows.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string_view kind_of(bool is_dense) {
  return is_dense ? "dense" : "sparse";
}

// The value for a part, from a list of one or of as many as there are parts.
template <class T>
T of_part(const std::vector<T>& list, std::size_t part) {
  return list.size() == 1 ? list.front() : list[part];
}

CsrMatrix weighted(const MatrixFile& file, const FeaturePart& part) {
  return changed_rows(file.view(), [&](Row r, std::span<float> values) {
    normalize(values, part.norm);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float value = values[i] * part.weight;
      if (!std::isfinite(value))
        throw DataError(file.name(), fmt::format("row {}, column {}: {} times the weight {} overflows", r,
                                                 file.view().row(r).indices[i], values[i], part.weight));
      values[i] = value;
    }
  });
}

MatrixFile join(const std::vector<MatrixFile>& files, std::span<const FeaturePart> parts) {
  std::vector<CsrMatrix> rows;
  std::string name;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].view().rows != files[0].view().rows)
      throw DataError(files[i].name(), fmt::format("{} rows, but {} has {}", files[i].view().rows, files[0].name(),
                                                   files[0].view().rows));
    rows.push_back(weighted(files[i], parts[i]));
    name += (i == 0 ? "" : " + ") + files[i].name();
  }
  Json content = {{kFeatureParts, describe_parts(parts)}};
  if (rows.size() == 1) return {std::move(name), std::move(rows.front()), std::move(content)};
  const std::vector<CsrView> views(rows.begin(), rows.end());
  return {std::move(name), hstack(views), std::move(content)};
}

void require_same(const MatrixFile& file, std::span<const FeaturePart> parts, std::size_t place,
                  const std::string& name) {
  const FeaturePart& part = parts[place];
  const auto refuse = [&](const std::string& is, const std::string& hint) {
    throw DataError(file.name(), fmt::format("{}, matrix {} of {}", is, place + 1, name), hint);
  };
  if (parts.size() > 1 && file.is_dense() != part.is_dense)
    refuse(fmt::format("is {} and not {}", kind_of(file.is_dense()), kind_of(part.is_dense)),
           "give the matrices in the order of training");
  if (file.view().cols != part.features)
    refuse(fmt::format("has {} features and not {}", file.view().cols, part.features),
           "give the matrices in the order of training");
  const std::string made_by = file.vectorizer();
  if (!made_by.empty() && !part.vectorizer.empty() && made_by != part.vectorizer)
    refuse("was made with another vectorizer", "run xmr-featurize apply with the vectorizer of training");
}

// The norm of a matrix for which none was given. Looks at all rows unless a vectorizer made them.
Norm own_norm(const MatrixFile& file) {
  constexpr double kTolerance = 2e-3;  // of the square of a length: rows in text have few digits
  if (!file.vectorizer().empty()) return Norm::none;
  file.check_rows(0, file.view().rows);
  for (Row r = 0; r < file.view().rows; ++r) {
    const SparseRow row = file.view().row(r);
    double squares = 0;
    for (const float value : row.values)
      squares += double{value} * value;
    if (row.size() > 0 && std::abs(squares - 1) > kTolerance) return Norm::l2;
  }
  return Norm::none;
}

std::vector<MatrixFile> open_all(const std::vector<std::string>& paths) {
  std::vector<MatrixFile> files;
  files.reserve(paths.size());
  for (const std::string& path : paths)
    files.emplace_back(path);
  return files;
}

}  // namespace

MatrixFile join_features(const std::vector<std::string>& paths, const FeatureJoin& how, MatrixFile::Check check) {
  const auto require_number = [&](std::string_view what, std::size_t given) {
    if (given != 1 && given != paths.size())
      throw ConfigError(fmt::format("{} {} for {} matrices, one or as many are needed", given, what, paths.size()));
  };
  require_number("norms", how.norms.size());
  require_number("weights", how.weights.size());
  std::vector<MatrixFile> files;
  if (paths.size() == 1 && how.weights.front() == 1 && how.norms.front().value_or(Norm::none) == Norm::none) {
    MatrixFile file(paths[0], check);
    if (how.norms.front() || own_norm(file) == Norm::none) return file;
    files.push_back(std::move(file));
  } else {
    files = open_all(paths);
  }
  std::vector<FeaturePart> parts;
  for (std::size_t i = 0; i < files.size(); ++i)
    parts.push_back({.features = files[i].view().cols,
                     .is_dense = files[i].is_dense(),
                     .norm = of_part(how.norms, i) ? *of_part(how.norms, i) : own_norm(files[i]),
                     .weight = of_part(how.weights, i),
                     .vectorizer = files[i].vectorizer()});
  return join(files, parts);
}

MatrixFile join_features(const std::vector<std::string>& paths, std::span<const FeaturePart> parts,
                         const std::string& name, MatrixFile::Check check) {
  if (paths.size() != std::max<std::size_t>(parts.size(), 1))
    throw ConfigError(fmt::format("{}: {} matrices of features, {} was made from {}", paths.back(), paths.size(), name,
                                  std::max<std::size_t>(parts.size(), 1)),
                      "each has its -x, in the order of training");
  if (parts.empty()) return MatrixFile(paths[0], check);
  const std::vector<MatrixFile> files = open_all(paths);
  for (std::size_t i = 0; i < files.size(); ++i)
    require_same(files[i], parts, i, name);
  return join(files, parts);
}

std::vector<FeaturePart> feature_parts(const Json& content, const std::string& name) {
  const Json* const recorded = content.find(kFeatureParts);
  if (recorded == nullptr || !recorded->is_array()) return {};
  const auto require = [&](bool is_good) {
    if (!is_good) throw FormatError(name, "meta.json: bad parts of X");
  };
  std::vector<FeaturePart> parts;
  try {
    for (const Json& from : recorded->values()) {
      const auto kind = from.at("kind").get<std::string>();
      const auto norm = find_named<Norm>(from.at("norm").get<std::string>());
      require(norm && (kind == kind_of(true) || kind == kind_of(false)));
      require(from.at("features").is_count() && from.at("features").get<std::uint64_t>() <= kMaxColumns);
      const auto weight = from.at("weight").get<double>();
      require(weight >= 0 && weight <= std::numeric_limits<float>::max());
      parts.push_back({.features = from.at("features").get<std::uint64_t>(),
                       .is_dense = kind == kind_of(true),
                       .norm = *norm,
                       .weight = static_cast<float>(weight),
                       .vectorizer = from.at("vectorizer").get<std::string>()});
    }
  } catch (const JsonError&) {
    require(false);
  }
  return parts;
}

Json describe_parts(std::span<const FeaturePart> parts) {
  Json list = Json::array();
  for (const FeaturePart& part : parts)
    list.push_back({{"features", part.features},
                    {"kind", kind_of(part.is_dense)},
                    {"norm", name_of(part.norm)},
                    {"weight", part.weight},
                    {"vectorizer", part.vectorizer}});
  return list;
}

}  // namespace xmr
