// labels.txt
#include "xmr/io/names.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::LabelNames names = xmr::LabelNames::read(file.holding(bytes));
  for (std::uint32_t label = 0; label < names.size(); ++label)
    names.find(names.text(label));
}
