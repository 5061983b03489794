// Runs a fuzz target once on each file of a folder, as a test: replay FOLDER
// Files found by fuzzing (named by hexadecimal digits) may be refused, but not the files of make_corpus.sh: with a file
// of an older format a fuzzer would not get past the first checks.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> paths;
  if (argc == 2)
    for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
      paths.push_back(entry.path());
  if (paths.empty()) {
    std::fputs("replay: a folder with files is wanted\n", stderr);
    return 2;
  }
  std::sort(paths.begin(), paths.end());
  int result = 0;
  for (const auto& path : paths) {
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);  // the last one printed is the one that failed
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    // A copy of just this size, so that AddressSanitizer sees a step beyond its end.
    const std::vector<char> data(bytes.begin(), bytes.end());
    try {
      xmr::test::fuzz({data.data(), data.size()});
    } catch (const xmr::Error& error) {
      if (path.filename().string().find_first_not_of("0123456789abcdef") == std::string::npos) continue;
      std::printf("refused, make_corpus.sh would write it anew: %s\n", error.what());
      result = 1;
    }
  }
  return result;
}
