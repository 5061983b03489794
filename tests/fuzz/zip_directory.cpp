// The directory of an archive and its deflated members, damaged in any way. Accepted members lie inside and do not
// overlap.
#include "xmr/io/zip_directory.hpp"

#include <algorithm>
#include <cstdlib>

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  constexpr std::uint64_t kMaxInflated = std::uint64_t{1} << 24;
  std::vector<xmr::ZipMember> members = xmr::read_zip_directory("archive", bytes);
  for (const xmr::ZipMember& member : members) {
    if (member.packed.data() < bytes.data() || member.packed.end() > bytes.end()) std::abort();
    if (!member.deflated && member.size != member.packed.size()) std::abort();
    if (member.deflated && member.size <= kMaxInflated && xmr::inflate("archive", member).size() != member.size)
      std::abort();
  }
  std::ranges::sort(members, {}, [](const xmr::ZipMember& member) { return member.packed.data(); });
  for (std::size_t i = 1; i < members.size(); ++i)
    if (members[i - 1].packed.end() > members[i].packed.begin()) std::abort();
}
