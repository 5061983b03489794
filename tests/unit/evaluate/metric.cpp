#include "xmr/evaluate/metric.hpp"

#include <set>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

std::vector<std::string> names_of(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const Metric metric : parse_metrics(words))
    names.push_back(metric.name());
  return names;
}

}  // namespace

TEST_CASE("a metric may be followed by several k, repeated ones are kept once") {
  CHECK(names_of({"p@1,3,5", "r@10", "ndcg@5", "mrr@10", "psp@1", "coverage@100", "r@10,100"}) ==
        std::vector<std::string>{"p@1", "p@3", "p@5", "r@10", "ndcg@5", "mrr@10", "psp@1", "coverage@100", "r@100"});
  CHECK(names_of({"p@1,p@5,10,r@10"}) == std::vector<std::string>{"p@1", "p@5", "p@10", "r@10"});
}

TEST_CASE("every measure has a name of its own and is pooled, a mean over labels or a sum over rows") {
  const std::vector<std::string_view> names = measure_names();
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
  for (const std::span<const Measure> table : measure_tables())
    for (const Measure& measure : table) {
      CAPTURE(measure.name);
      CHECK(int{measure.pooled != nullptr} + int{measure.gained != nullptr} + int{measure.of_label != nullptr} == 1);
      CHECK((measure.gained != nullptr || measure.attainable == nullptr));
      CHECK(parse_metric(std::string(measure.name) + "@7").name() == std::string(measure.name) + "@7");
    }
}

TEST_CASE("anything else is refused with the names that exist") {
  const std::string word = GENERATE("p", "p@", "p@0", "p@-1", "p@1,", "p@,1", "p@1.5", "P@1", "hits@5", "", "@1",
                                    "p@4294967296", "p@1,hits@5", "p@1,r", "1,p@1");
  CHECK_THROWS_WITH(parse_metrics(std::vector{word}), "'" + word + "' is not a metric; allowed are " +
                                                          fmt::format("{}@k", fmt::join(measure_names(), "@k, ")) +
                                                          " with k from 1 on");
}
