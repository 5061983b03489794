#include "xmr/train/completion_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <Eigen/Core>

#include "xmr/complete/prefix.hpp"
#include "xmr/complete/word_orders.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/util/damped_newton.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockRows = 256;
constexpr std::size_t kGroups = 64;  // of blocks; each has its own sums
constexpr double kRidge = 1;
constexpr double kOtherOrders = 0.6;    // weight of a request that begins with another word; the typed one has 1
constexpr double kLeastShare = 1e-6;    // of a request; a rarer candidate adds less to the Hessian than the ridge
constexpr std::size_t kRootRows = 256;  // multiplied at once
constexpr std::uint64_t kSeed = 1;
constexpr auto kEvidence = static_cast<Eigen::Index>(kCompletionEvidence);

using Vector = Eigen::Matrix<double, kEvidence, 1>;
using Matrix = Eigen::Matrix<double, kEvidence, kEvidence>;
using EvidenceRow = Eigen::Matrix<float, 1, kEvidence>;
using Evidence = Eigen::Matrix<float, Eigen::Dynamic, kEvidence, Eigen::RowMajor>;

// The candidates of a block of rows.
struct Block {
  struct Choice {
    std::size_t begin, count, wanted, cell;  // rows of `evidence`; `wanted` counts from `begin`
    double weight;
  };
  std::vector<Choice> choices;
  std::vector<float> evidence;  // (candidates x kCompletionEvidence)

  Eigen::Map<const Evidence> of(const Choice& choice) const {
    return {evidence.data() + choice.begin * kCompletionEvidence, static_cast<Eigen::Index>(choice.count), kEvidence};
  }
};

// Makes candidates as Completer does. Thread rule: one row at a time per object.
class Reader {
 public:
  explicit Reader(const CompletionModel& model) : model_(model), candidates_(model, Completer::kListed) {
    if (model.linear() != nullptr) search_.emplace(model, Completer::kListed);
  }

  // `number`: of the row, the stream of its random numbers.
  void read(const CompletionRow& row, std::size_t number, Block& block) {
    const StringTable& keys = model_.names().keys;
    const LabelId place = place_of(keys, row.next);
    const bool is_label = place < keys.size() && keys[place] == row.next;
    read(row, row.prefix, is_label ? place : kNoLabel, 1, block);
    CompletionRow alone = row;
    alone.earlier = {};
    if (!row.earlier.front().empty()) read(alone, row.prefix, is_label ? place : kNoLabel, 1, block);
    const CompletionRow& other = number % 2 == 0 ? row : alone;
    Random random(kSeed, number);
    if (const auto typed = reordered(row.next, random))
      read(other, *typed, is_label ? place : kNoLabel, kOtherOrders, block);
    if (const auto typed = from_later_word(row.next, random))
      read(other, *typed, is_label ? place : kNoLabel, kOtherOrders, block);
  }

 private:
  static constexpr LabelId kNoLabel = 0xffffffffU;

  // `wanted`: the next query; kNoLabel: only a query that is no label can be it.
  void read(const CompletionRow& row, std::string_view prefix, LabelId wanted, double weight, Block& block) {
    const KnownPrefix known = candidates_.known(prefix);
    const Query query{.previous = row.previous, .prefix = prefix, .earlier = row.earlier};
    candidates_.collect(query, known, search_ ? search_->rank({&query, 1}, {&known, 1}).row(0) : SparseRow());
    candidates_.add_other(query);
    const auto all = candidates_.all();
    const auto found = std::ranges::find_if(all, [&](const CompletionCandidate& candidate) {
      if (wanted != kNoLabel) return !candidate.is_other && candidate.label == wanted;
      return candidate.is_other && candidates_.other()[candidates_.other_of(candidate)].text == row.next;
    });
    if (found == all.end()) return;
    block.choices.push_back({block.evidence.size() / kCompletionEvidence, all.size(),
                             static_cast<std::size_t>(found - all.begin()), completion_cell(candidates_.context()),
                             weight});
    for (const CompletionCandidate& candidate : all)
      for (const double value : candidates_.evidence(candidate))
        block.evidence.push_back(static_cast<float>(value));
  }

  const CompletionModel& model_;
  CompletionCandidates candidates_;
  std::optional<CompletionSearch> search_;
};

using CellWeights = std::array<Vector, kCompletionCells>;

// The probabilities of the candidates of a request, and the mean of their evidence.
struct Chances {
  Eigen::Matrix<double, Eigen::Dynamic, kEvidence, Eigen::RowMajor> x;
  Eigen::VectorXd p;
  Vector mean;
  double loss;  // -ln p(next)

  Chances(const Eigen::Map<const Evidence>& evidence, std::size_t wanted, const Vector& weights)
      : x(evidence.cast<double>()) {
    const Eigen::VectorXd scores = x * weights;
    const double best = scores.maxCoeff();
    p = (scores.array() - best).unaryExpr([](double score) {
      return static_cast<double>(portable_exp(static_cast<float>(score)));
    });
    const double sum = p.sum();
    p /= sum;
    mean = x.transpose() * p;
    loss = portable_log(sum) + best - scores[static_cast<Eigen::Index>(wanted)];
  }
};

// Loss and derivatives by cell.
struct CellSums {
  double loss = 0;
  CellWeights gradient;
  std::array<Matrix, kCompletionCells> hessian;  // the lower triangles

  CellSums() {
    gradient.fill(Vector::Zero());
    hessian.fill(Matrix::Zero());
  }
  void add(const Block& block, const CellWeights& weights) {
    std::array<std::vector<float>, kCompletionCells> roots;
    for (const Block::Choice& choice : block.choices) {
      const Eigen::Map<const Evidence> evidence = block.of(choice);
      const Chances chances(evidence, choice.wanted, weights[choice.cell]);
      loss += choice.weight * chances.loss;
      gradient[choice.cell] +=
          choice.weight * (chances.mean - chances.x.row(static_cast<Eigen::Index>(choice.wanted)).transpose());
      std::vector<float>& of_cell = roots[choice.cell];
      const EvidenceRow center = chances.mean.transpose().cast<float>();
      for (Eigen::Index i = 0; i < chances.p.size(); ++i) {
        if (chances.p[i] < kLeastShare) continue;
        of_cell.resize(of_cell.size() + kCompletionEvidence);
        Eigen::Map<EvidenceRow> root(of_cell.data() + of_cell.size() - kCompletionEvidence);
        root = static_cast<float>(std::sqrt(choice.weight * chances.p[i])) * (evidence.row(i) - center);
      }
      if (of_cell.size() >= kRootRows * kCompletionEvidence) add_squares(choice.cell, of_cell);
    }
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell)
      add_squares(cell, roots[cell]);
  }
  void add(const CellSums& other) {
    loss += other.loss;
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell) {
      gradient[cell] += other.gradient[cell];
      hessian[cell] += other.hessian[cell];
    }
  }

 private:
  // Adds R'R for the rows R of a root of the Hessian. 32 bits are enough: the Hessian only directs the steps.
  void add_squares(std::size_t cell, std::vector<float>& rows) {
    if (rows.empty()) return;
    const Eigen::Map<const Evidence> root(rows.data(), static_cast<Eigen::Index>(rows.size() / kCompletionEvidence),
                                          kEvidence);
    Eigen::MatrixXf squares = Eigen::MatrixXf::Zero(kEvidence, kEvidence);
    squares.selfadjointView<Eigen::Lower>().rankUpdate(root.transpose());
    hessian[cell] += squares.cast<double>();
    rows.clear();
  }
};

// The weights of a cell are the sum of five blocks of parameters: shared, by length, by known or unknown previous
// query, by a label that begins with the typed text or none, with or without earlier queries.
constexpr std::size_t kLengths = kCompletionLengths;
constexpr std::size_t kPieces = 1 + kLengths + 2 + 2 + 2;
std::array<std::size_t, 5> pieces_of(std::size_t cell) {
  return {0, 1 + cell % kLengths, 1 + kLengths + cell / kLengths % 2, 3 + kLengths + cell / kLengths / 2 % 2,
          5 + kLengths + cell / kLengths / 4};
}

// The loss of the weights of all pieces.
class Problem final : public ConvexFunction {
 public:
  Problem(const CompletionModel& model, std::span<const CompletionRow> rows, Parallel& parallel)
      : parallel_(parallel), blocks_((rows.size() + kBlockRows - 1) / kBlockRows) {
    const Phase phase(parallel.observer(), "complete", rows.size(), "rows");
    std::vector<std::unique_ptr<Reader>> readers;
    for (unsigned worker = 0; worker < parallel.threads(); ++worker)
      readers.push_back(std::make_unique<Reader>(model));
    parallel.for_blocks(rows.size(), kBlockRows, [&](std::size_t begin, std::size_t end, unsigned worker) {
      for (std::size_t row = begin; row < end; ++row)
        readers[worker]->read(rows[row], row, blocks_[begin / kBlockRows]);
      parallel.observer().advance(end - begin);
    });
    for (const Block& block : blocks_)
      choices_ += block.choices.size();
    if (choices_ == 0)
      throw DataError("no held-out row has its next query among the candidates: nothing can be fitted");
    scale();
  }
  std::size_t choices() const { return choices_; }

  Eigen::VectorXd start() const { return Eigen::VectorXd::Zero(static_cast<Eigen::Index>(kPieces) * kEvidence); }

  Derivatives at(const Eigen::VectorXd& parameters) const override {
    const CellSums sums = sum_up(cells(parameters));
    Derivatives sum{sums.loss + kRidge / 2 * parameters.squaredNorm(), kRidge * parameters,
                    kRidge * Eigen::MatrixXd::Identity(parameters.size(), parameters.size())};
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell) {
      const Matrix of_cell = sums.hessian[cell].selfadjointView<Eigen::Lower>();
      for (const std::size_t a : pieces_of(cell)) {
        sum.gradient.segment<kEvidence>(begin_of(a)) += sums.gradient[cell];
        for (const std::size_t b : pieces_of(cell))
          sum.hessian.block<kEvidence, kEvidence>(begin_of(a), begin_of(b)) += of_cell;
      }
    }
    return sum;
  }
  // In the scale of the evidence.
  std::vector<double> unscaled(const Eigen::VectorXd& parameters) const {
    std::vector<double> weights;
    for (const Vector& cell : cells(parameters))
      for (Eigen::Index i = 0; i < kEvidence; ++i)
        weights.push_back(cell[i] * scale_[i]);
    return weights;
  }

 private:
  static Eigen::Index begin_of(std::size_t piece) { return static_cast<Eigen::Index>(piece) * kEvidence; }
  static CellWeights cells(const Eigen::VectorXd& parameters) {
    CellWeights weights;
    weights.fill(Vector::Zero());
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell)
      for (const std::size_t piece : pieces_of(cell))
        weights[cell] += parameters.segment<kEvidence>(begin_of(piece));
    return weights;
  }
  // The blocks are summed in groups that do not depend on the number of threads.
  CellSums sum_up(const CellWeights& weights) const {
    std::vector<CellSums> groups(std::min(kGroups, blocks_.size()));
    parallel_.for_each(groups.size(), [&](std::size_t group, unsigned) {
      for (std::size_t i = group; i < blocks_.size(); i += groups.size())
        groups[group].add(blocks_[i], weights);
    });
    CellSums total;
    for (const CellSums& of_group : groups)
      total.add(of_group);
    return total;
  }
  void scale() {
    Vector sum = Vector::Zero(), squares = Vector::Zero();
    double count = 0;
    for (const Block& block : blocks_) {
      for (const Block::Choice& choice : block.choices) {
        const Eigen::MatrixXd x = block.of(choice).cast<double>();
        sum += x.colwise().sum().transpose();
        squares += x.array().square().matrix().colwise().sum().transpose();
        count += static_cast<double>(choice.count);
      }
    }
    const Vector variance = squares / count - (sum / count).array().square().matrix();
    scale_ = variance.unaryExpr([](double value) { return value > 1e-12 ? 1 / std::sqrt(value) : 0; });
    for (Block& block : blocks_)
      for (std::size_t i = 0; i < block.evidence.size(); ++i)
        block.evidence[i] *= static_cast<float>(scale_[static_cast<Eigen::Index>(i % kCompletionEvidence)]);
  }

  Parallel& parallel_;
  std::vector<Block> blocks_;
  std::size_t choices_ = 0;
  Vector scale_;
};

}  // namespace

CompletionFit fit_completion(const CompletionModel& model, std::span<const CompletionRow> rows, Parallel& parallel) {
  const Problem problem(model, rows, parallel);
  const Phase phase(parallel.observer(), "fit", 0, "steps");
  const Minimum lowest = minimise(problem, problem.start(), parallel.observer());
  const double loss = lowest.value - kRidge / 2 * lowest.at.squaredNorm();
  return {problem.unscaled(lowest.at), problem.choices(), loss / static_cast<double>(problem.choices())};
}

}  // namespace xmr
