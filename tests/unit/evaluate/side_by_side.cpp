#include "xmr/evaluate/side_by_side.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// Labels 0 and 2 are right, 3 has no weight; the first system finds one of them, the second nothing.
struct Sample {
  CsrMatrix truth{4}, first{4}, second{4};
  SideBySide page;

  Sample() {
    truth.push(0, 1);
    truth.push(2, 1);
    truth.push(3, 0);
    truth.end_row();
    first.push(3, 0.9F);
    first.push(2, 0.25F);
    first.push(0, 0.125F);
    first.end_row();
    second.end_row();
    static const std::vector<std::string> keys{"null", "eins", "zwei <2>", "drei"};
    page = {.truth = truth,
            .systems = {{"a.npz", first}, {"b.npz", second}},
            .instances = {{0, "größer & kleiner"}},
            .k = 2,
            .key = [](LabelId label) { return std::string_view(keys[label]); }};
  }
};

}  // namespace

TEST_CASE("text shows lists side by side, marks right answers, and names what nobody found") {
  const Sample sample;
  CHECK(format_text(sample.page, false) ==
        "0\tgrößer & kleiner\n"
        "  a.npz       b.npz\n"
        "  drei\n"
        "+ zwei <2>\n"
        "  not found: null\n");
  const std::string coloured = format_text(sample.page, true);
  CHECK(coloured.find("\033[31m  drei    \033[0m") != std::string::npos);
  CHECK(coloured.find("\033[32m+ zwei <2>\033[0m") != std::string::npos);
}

TEST_CASE("a page marks right answers by class and holds no markup of its input") {
  const Sample sample;
  const std::string html = format_html(sample.page);
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(html.find("<h2><span>0</span> größer &amp; kleiner</h2>") != std::string::npos);
  CHECK(html.find(R"(<tr><td class="wrong">drei <span>0.9</span></td><td></td></tr>)") != std::string::npos);
  CHECK(html.find(R"(<td class="right">zwei &lt;2&gt; <span>0.25</span></td>)") != std::string::npos);
  CHECK(html.find(R"(<p class="missed">not found: null</p>)") != std::string::npos);
  CHECK(html.find("http") == std::string::npos);  // nothing is fetched
}
