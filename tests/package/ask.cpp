// Answers each line of stdin with the ten best labels of a model: ask model.npz < queries.txt
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include "xmr/predict/model_set.hpp"
#include "xmr/predict/query_reader.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: ask model.npz < queries.txt\n";
    return 2;
  }
  const xmr::ModelSet models({argv[1]});
  xmr::QueryReader reader(models, xmr::CorpusColumns("text"), xmr::InvalidUtf8::replace, 1);
  const auto rank = models.ranker({.k = 10}, reader.spaces(), {});

  std::uint64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const xmr::SparseRow ranked = (*rank)(reader.read({"stdin", ++number}, line, 0));
    for (std::size_t i = 0; i < ranked.size(); ++i)
      std::cout << line << '\t' << models.names().key(ranked.indices[i]) << '\t' << ranked.values[i] << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "ask: " << error.what() << '\n';
  return 1;
}
