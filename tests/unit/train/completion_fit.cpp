#include "xmr/train/completion_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "xmr/predict/completer.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_completions.hpp"

using namespace xmr;

namespace {

// The evidence for the candidates of a request, and the place of the next query.
struct Request {
  std::size_t cell = 0, wanted = 0;
  std::vector<CompletionEvidence> evidence;
};

// The requests of rows whose next query has one word and is a candidate.
std::vector<Request> requests_of(const CompletionModel& model, std::span<const CompletionRow> rows) {
  CompletionCandidates candidates(model, Completer::kListed);
  CompletionSearch search(model, Completer::kListed);
  std::vector<Request> requests;
  for (const CompletionRow& row : rows) {
    const KnownPrefix known = candidates.known(row.prefix);
    const Query query{.previous = row.previous, .prefix = row.prefix};
    candidates.collect(query, known, search.rank({&query, 1}, {&known, 1}).row(0));
    candidates.add_other(query);
    Request request{.cell = completion_cell(candidates.context()), .wanted = candidates.all().size(), .evidence = {}};
    for (const CompletionCandidate& candidate : candidates.all()) {
      const bool is_label = !candidate.is_other;
      if (is_label && model.names().key(candidate.label) == row.next) request.wanted = request.evidence.size();
      request.evidence.push_back(candidates.evidence(candidate));
    }
    if (request.wanted < request.evidence.size()) requests.push_back(std::move(request));
  }
  return requests;
}

CompletionEvidence scales_of(std::span<const Request> requests) {
  CompletionEvidence sum{}, squares{}, scales{};
  double count = 0;
  for (const Request& request : requests) {
    for (const CompletionEvidence& evidence : request.evidence) {
      ++count;
      for (std::size_t i = 0; i < kCompletionEvidence; ++i)
        sum[i] += evidence[i], squares[i] += evidence[i] * evidence[i];
    }
  }
  for (std::size_t i = 0; i < kCompletionEvidence; ++i) {
    const double variance = squares[i] / count - sum[i] / count * sum[i] / count;
    scales[i] = variance > 1e-12 ? 1 / std::sqrt(variance) : 0;
  }
  return scales;
}

using OfCells = std::array<CompletionEvidence, kCompletionCells>;

// Returns the gradient of the loss by the weights of each cell, for evidence of variance 1; adds to the loss.
OfCells gradient_of(std::span<const Request> requests, const CompletionEvidence& scales,
                    std::span<const double> weights, double& loss) {
  OfCells gradient{};
  for (const auto& [cell, wanted, evidence] : requests) {
    std::vector<double> p;
    for (const CompletionEvidence& of_candidate : evidence) {
      double score = 0;
      for (std::size_t i = 0; i < kCompletionEvidence; ++i)
        score += of_candidate[i] * weights[cell * kCompletionEvidence + i];
      p.push_back(score);
    }
    const double best = std::ranges::max(p);
    double sum = 0;
    for (double& of_candidate : p)
      sum += of_candidate = std::exp(of_candidate - best);
    loss -= std::log(p[wanted] / sum);
    for (std::size_t c = 0; c < evidence.size(); ++c)
      for (std::size_t i = 0; i < kCompletionEvidence; ++i)
        gradient[cell][i] += (p[c] / sum - (c == wanted ? 1 : 0)) * evidence[c][i] * scales[i];
  }
  return gradient;
}

// Numbers of equal parts in two cells: of the shared weights and of those by length, known previous query, label that
// begins with the typed text, and earlier queries.
int shared_parts(std::size_t a, std::size_t b) {
  const std::size_t lengths = kCompletionLengths;
  int parts = 1 + (a % lengths == b % lengths ? 1 : 0);
  for (std::size_t bit = 1; bit < 8; bit *= 2)
    parts += (a / lengths & bit) == (b / lengths & bit) ? 1 : 0;
  return parts;
}

}  // namespace

// At the lowest loss, each part of the weights is the negative gradient of all cells with this part (the ridge is 1).
TEST_CASE("fitted weights of completion have the lowest loss") {
  test::RandomCompletions sample;
  const CompletionModel& model = *sample.model;
  std::vector<std::string> texts;
  for (int i = 0; texts.size() < 9000 && i < 100000; ++i) {
    // One previous query and one prefix mostly decide, as in a real log: the best weights are large.
    const std::string previous = sample.previous();
    const std::string& next = sample.keys()[(previous.size() * 7 + (i % 8 == 0 ? i : 0)) % sample.keys().size()];
    if (next.find('-') != std::string::npos) continue;
    texts.insert(texts.end(), {previous, next.substr(0, 1 + static_cast<std::size_t>(i) % next.size()), next});
  }
  std::vector<CompletionRow> rows;
  for (std::size_t i = 0; i < texts.size(); i += 3)
    rows.push_back({texts[i], texts[i + 1], texts[i + 2]});
  Parallel parallel(2);
  const CompletionFit fit = fit_completion(model, rows, parallel);
  const std::vector<Request> requests = requests_of(model, rows);
  REQUIRE(requests.size() > 1000);
  CHECK(fit.rows == requests.size());
  const CompletionEvidence scales = scales_of(requests);
  double loss = 0;
  const OfCells gradient = gradient_of(requests, scales, fit.weights, loss);
  CHECK(fit.mean_loss == Approx(loss / static_cast<double>(requests.size())).epsilon(1e-4));
  double largest = 0, difference = 0;
  for (std::size_t cell = 0; cell < kCompletionCells; ++cell) {
    for (std::size_t i = 0; i < kCompletionEvidence; ++i) {
      double expected = 0;
      for (std::size_t other = 0; other < kCompletionCells; ++other)
        expected -= shared_parts(cell, other) * gradient[other][i];
      const double weight = scales[i] > 0 ? fit.weights[cell * kCompletionEvidence + i] / scales[i] : 0.0;
      largest = std::max(largest, std::fabs(weight));
      difference = std::max(difference, std::fabs(weight - expected));
    }
  }
  CAPTURE(largest, difference, fit.mean_loss);
  CHECK(largest > 1);
  CHECK(difference < 0.01 * largest);
  const std::vector<CompletionRow> odd = {{"a", "b", "never asked"}};
  CHECK_THROWS_AS(fit_completion(model, odd, parallel), DataError);
}
