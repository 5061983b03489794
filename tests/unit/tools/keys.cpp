#include "common/keys.hpp"

#include <string_view>
#include <vector>

#include "support/catch.hpp"

using namespace xmr::tools;

namespace {

std::vector<KeyPress> read(std::string_view bytes) {
  KeyReader reader;
  std::vector<KeyPress> keys;
  for (const char byte : bytes)
    if (const auto press = reader.next(byte)) keys.push_back(*press);
  return keys;
}

KeyPress character(const char* text) {
  return {Key::character, text};
}

}  // namespace

TEST_CASE("a key is a character, of however many bytes") {
  CHECK(read("aé€𝄞") == std::vector{character("a"), character("é"), character("€"), character("𝄞")});
  CHECK(read("\xE2\x82").empty());
}

TEST_CASE("control characters are keys") {
  const std::vector<KeyPress> expected{{Key::tab},   {Key::enter},     {Key::enter}, {Key::backspace}, {Key::backspace},
                                       {Key::clear}, {Key::interrupt}, {Key::end},   {Key::other}};
  CHECK(read("\t\r\n\x7f\b\x15\x03\x04\x01") == expected);
}

TEST_CASE("arrows come in two forms, other sequences are other keys") {
  CHECK(read("\x1b[A\x1b[B\x1bOA\x1bOB") == std::vector<KeyPress>{{Key::up}, {Key::down}, {Key::up}, {Key::down}});
  CHECK(read("\x1b[3~\x1b[1;5C\x1bx"
             "a") == std::vector<KeyPress>{{}, {}, {}, character("a")});
}

TEST_CASE("what is no UTF-8 is no character, and loses none that follows") {
  CHECK(read("\xFF"
             "a") == std::vector<KeyPress>{{}, character("a")});
  CHECK(read("\xE2\x82"
             "a") == std::vector{character("a")});
  CHECK(read("\xC3\xC3\xA9") == std::vector{character("é")});
  CHECK(read("\xE2\x03") == std::vector<KeyPress>{{Key::interrupt}});
  CHECK(read("\x1b[\x03") == std::vector<KeyPress>{{Key::interrupt}});
}
