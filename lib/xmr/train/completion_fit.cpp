#include "xmr/train/completion_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "xmr/complete/prefix.hpp"
#include "xmr/complete/word_orders.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockRows = 256;
constexpr int kMaxSteps = 30;
constexpr int kMaxHalvings = 20;
constexpr double kSmallGain = 1e-7;  // of the mean loss, in one step
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

// Loss, gradient and Hessian by cell.
struct Sums {
  double loss = 0;
  std::array<Vector, kCompletionCells> gradient;
  std::array<Matrix, kCompletionCells> hessian;  // the lower triangles

  Sums() {
    gradient.fill(Vector::Zero());
    hessian.fill(Matrix::Zero());
  }
  void add(const Block& block, const std::array<Vector, kCompletionCells>& weights) {
    std::array<std::vector<float>, kCompletionCells> roots;
    for (const Block::Choice& choice : block.choices) {
      const Eigen::Map<const Evidence> evidence = block.of(choice);
      const Eigen::Matrix<double, Eigen::Dynamic, kEvidence, Eigen::RowMajor> x = evidence.cast<double>();
      const Eigen::VectorXd scores = x * weights[choice.cell];
      const double best = scores.maxCoeff();
      Eigen::VectorXd p = (scores.array() - best).unaryExpr([](double score) {
        return static_cast<double>(portable_exp(static_cast<float>(score)));
      });
      const double sum = p.sum();
      const auto wanted = static_cast<Eigen::Index>(choice.wanted);
      loss += choice.weight * (portable_log(sum) + best - scores[wanted]);
      p /= sum;
      const Vector mean = x.transpose() * p;
      gradient[choice.cell] += choice.weight * (mean - x.row(wanted).transpose());
      std::vector<float>& of_cell = roots[choice.cell];
      const EvidenceRow center = mean.transpose().cast<float>();
      for (Eigen::Index i = 0; i < p.size(); ++i) {
        if (p[i] < kLeastShare) continue;
        of_cell.resize(of_cell.size() + kCompletionEvidence);
        Eigen::Map<EvidenceRow> root(of_cell.data() + of_cell.size() - kCompletionEvidence);
        root = static_cast<float>(std::sqrt(choice.weight * p[i])) * (evidence.row(i) - center);
      }
      if (of_cell.size() >= kRootRows * kCompletionEvidence) add_squares(choice.cell, of_cell);
    }
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell)
      add_squares(cell, roots[cell]);
  }
  void add(const Sums& other) {
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

class Problem {
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

  std::array<Vector, kCompletionCells> cells(const Eigen::VectorXd& parameters) const {
    std::array<Vector, kCompletionCells> weights;
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell) {
      weights[cell].setZero();
      for (const std::size_t piece : pieces_of(cell))
        weights[cell] += part(parameters, piece);
    }
    return weights;
  }
  Sums at(const Eigen::VectorXd& parameters) const {
    const std::array<Vector, kCompletionCells> weights = cells(parameters);
    std::vector<Sums> sums(blocks_.size());
    parallel_.for_each(blocks_.size(), [&](std::size_t i, unsigned) { sums[i].add(blocks_[i], weights); });
    Sums total;
    for (const Sums& of_block : sums)
      total.add(of_block);
    total.loss += kRidge / 2 * parameters.squaredNorm();
    return total;
  }
  // Newton's step, to be subtracted.
  static Eigen::VectorXd step(const Sums& sums, const Eigen::VectorXd& parameters) {
    Eigen::VectorXd gradient = kRidge * parameters;
    Eigen::MatrixXd hessian = Eigen::MatrixXd::Identity(parameters.size(), parameters.size()) * kRidge;
    for (std::size_t cell = 0; cell < kCompletionCells; ++cell) {
      const Matrix of_cell = sums.hessian[cell].selfadjointView<Eigen::Lower>();
      for (const std::size_t a : pieces_of(cell)) {
        gradient.segment<kEvidence>(begin_of(a)) += sums.gradient[cell];
        for (const std::size_t b : pieces_of(cell))
          hessian.block<kEvidence, kEvidence>(begin_of(a), begin_of(b)) += of_cell;
      }
    }
    return hessian.llt().solve(gradient);  // positive definite by the ridge
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
  static Vector part(const Eigen::VectorXd& parameters, std::size_t piece) {
    return parameters.segment<kEvidence>(begin_of(piece));
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
  const auto choices = static_cast<double>(problem.choices());
  Eigen::VectorXd parameters = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(kPieces) * kEvidence);
  const Phase phase(parallel.observer(), "fit", 0, "steps");
  Sums here = problem.at(parameters);
  for (int step = 0; step < kMaxSteps; ++step) {
    Eigen::VectorXd change = Problem::step(here, parameters);
    Sums there = problem.at(parameters - change);
    for (int halving = 0; halving < kMaxHalvings && there.loss > here.loss; ++halving) {
      change /= 2;
      there = problem.at(parameters - change);
    }
    if (there.loss > here.loss) break;
    const double gain = (here.loss - there.loss) / choices;
    parameters -= change;
    here = std::move(there);
    parallel.observer().advance(1);
    if (gain < kSmallGain) break;
  }
  const double loss = here.loss - kRidge / 2 * parameters.squaredNorm();
  return {problem.unscaled(parameters), problem.choices(), loss / choices};
}

}  // namespace xmr
