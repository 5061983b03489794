#pragma once
// Spherical 2-means with sides of given sizes, the step of balanced clustering.
//
// The first direction is the difference of two members' vectors. There are up to `rounds` rounds. In each, members are
// sorted by (⟨direction, vector⟩, number); the first `cut` go left, the others right. Then the direction becomes R/‖R‖
// - L/‖L‖ for the sums R, L of the sides. It ends when no member changes sides. Cost of a round: the entries of all
// members once, of the moved members once more, and the features three times.
//
// Sums run over blocks of members that depend on their number only, so the result does not depend on threads. Thread
// rule: one split at a time per object, on the threads of its pool.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/random.hpp"

namespace xmr {

class TwoMeans {
 public:
  explicit TwoMeans(Parallel& parallel) : parallel_(parallel) {}

  // `members`: at least 2 increasing row numbers of `vectors`; 0 < cut < members.size(). Afterwards the left side
  // precedes the right one, each increasing.
  void split(CsrView vectors, std::span<std::uint32_t> members, std::size_t cut, Random random, unsigned rounds);

  // Halves `members` recursively until no part has more than `most` members (at least 1); parts are increasing. If
  // there are at most `most`, returns them undivided. Each split uses the random stream stream · 2³² + its first
  // member.
  std::vector<std::vector<std::uint32_t>> halve(CsrView vectors, std::vector<std::uint32_t> members, std::size_t most,
                                                std::uint64_t seed, std::uint64_t stream, unsigned rounds);

 private:
  // A member that enters (+1) or leaves (-1) a sum.
  struct Move {
    std::uint32_t member;
    float sign;
  };

  void start(CsrView vectors, std::span<const std::uint32_t> members, Random random);
  void score(CsrView vectors, std::span<const std::uint32_t> members);
  // Fills sides_, and moved_ with the members that changed sides and their sign in the right sum.
  void assign_sides(std::span<const std::uint32_t> members, std::size_t cut);
  void add(CsrView vectors, std::span<const Move> moves, std::vector<float>& target);
  void find_direction();

  Parallel& parallel_;
  std::vector<float> direction_, total_, right_;  // by feature
  std::vector<std::vector<float>> block_sums_;    // by block of moves, then by feature
  std::vector<double> square_sums_;               // of each side, by block of features
  std::vector<float> scores_;                     // by member
  std::vector<std::uint64_t> keys_;               // by member: score and position as one sortable number
  std::vector<std::uint8_t> sides_;               // by member: 1 right
  std::vector<Move> moved_;
};

}  // namespace xmr
