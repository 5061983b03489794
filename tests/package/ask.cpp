// Answers each line of stdin with the ten best labels of a model: ask model.npz < queries.txt
#include <cstddef>
#include <exception>
#include <iostream>
#include <string>

#include <xmr/api/model.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: ask model.npz < queries.txt\n";
    return 2;
  }
  const xmr::api::Model model(argv[1]);
  xmr::api::TextRanker rank(model, {.k = 10});
  for (std::string line; std::getline(std::cin, line);) {
    const xmr::SparseRow ranked = rank(line);
    for (std::size_t i = 0; i < ranked.size(); ++i)
      std::cout << line << '\t' << model.key(ranked.indices[i]) << '\t' << ranked.values[i] << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "ask: " << error.what() << '\n';
  return 1;
}
