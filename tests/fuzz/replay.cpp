// Runs a fuzz target once on each file of a folder, which is a test: replay FOLDER
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

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
  for (const auto& path : paths) {
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);  // the last one printed is the one that failed
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    // A copy of just this size, so that AddressSanitizer sees a step beyond its end.
    const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(data.data(), data.size());
  }
}
