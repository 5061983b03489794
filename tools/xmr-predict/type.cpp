// xmr-predict type: completes the typed text after each key.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "xmr/complete/known_prefix.hpp"
#include "xmr/io/file.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/query_reader.hpp"
#include "xmr/predict/rescored_ranker.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

#include "common/keys.hpp"
#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-predict/commands.hpp"

namespace xmr::tools {
namespace {

constexpr std::size_t kMaxTyped = 1000;  // bytes
constexpr std::string_view kColumns = "prefix,previous,previous2,previous3,previous4";
constexpr std::size_t kSeen = 1 + kMaxEarlier;  // queries of the session that completion sees

struct TypeOptions {
  std::string model;
  CompletionSource source = CompletionSource::fused;
  std::uint32_t k = 8, typos = 0;

  void add_to(CLI::App& app) {
    app.add_option("-m,--model", model, "Completion model of xmr-train completion")->type_name("FILE")->required();
    app.add_option("-k,--top", k, "Number of completions shown")->transform(range(1U, 100U));
    add_named(app, "--source", source, "Source of completions");
    app.add_option("--typos", typos, "Number of edits that mend a prefix of no known query")->transform(range(0U, 1U));
  }
};

// The previous query, the prefix typed so far, and its completions.
class Typing {
 public:
  struct Completion {
    std::string_view key;
    float score;
  };

  explicit Typing(const TypeOptions& options) : models_({options.model}) {
    const CompletionModel* const completion = models_[0].capabilities().completion;
    if (completion == nullptr)
      throw ConfigError(fmt::format("{} is not a completion model", options.model), "xmr-train completion makes one");
    reader_.emplace(models_, CorpusColumns(kColumns), InvalidUtf8::replace, 1);
    const RankRequest request{.k = options.k,
                              .completion = {.source = options.source, .mends_typos = options.typos > 0}};
    const bool is_fused = request.completion.source == CompletionSource::fused;  // the calibration is of these scores
    ranker_ = calibrated(models_.ranker(request, reader_->spaces(), Combination()),
                         is_fused ? models_[0].calibration() : nullptr);
    prefixes_.emplace(completion->names().keys, completion->popular(), request.completion.mends_typos);
    complete();
  }

  // False if the key changes nothing.
  bool press(const KeyPress& press) {
    switch (press.key) {
      case Key::character:
        if (typed_.size() + press.text.size() > kMaxTyped) return false;
        typed_ += press.text;
        break;
      case Key::backspace:
        if (typed_.empty() && session_.empty()) return false;
        remove_last();
        break;
      case Key::clear:
        if (typed_.empty()) return false;
        typed_.clear();
        break;
      case Key::tab:
        if (completions_.empty()) return false;
        ask(std::string(completions_[chosen_].key));
        break;
      case Key::enter:
        if (typed_.empty()) return false;
        ask(typed_);
        break;
      case Key::up:
        return choose(chosen_ > 0, chosen_ - 1);
      case Key::down:
        return choose(chosen_ + 1 < completions_.size(), chosen_ + 1);
      case Key::end:
      case Key::interrupt:
      case Key::other:
        return false;
    }
    complete();
    return true;
  }

  std::string_view previous() const { return session_.empty() ? std::string_view() : session_.front(); }
  const std::string& typed() const { return typed_; }
  // The prefix that is completed.
  const KnownPrefix& known() const { return known_; }
  const std::vector<Completion>& completions() const { return completions_; }
  std::size_t chosen() const { return chosen_; }
  double microseconds() const { return microseconds_; }

 private:
  void ask(std::string query) {
    session_.push_front(std::move(query));
    if (session_.size() > kSeen) session_.pop_back();
    typed_.clear();
  }
  // Removes the last character, or the previous query if nothing is typed.
  void remove_last() {
    if (typed_.empty()) session_.pop_front();
    while (!typed_.empty() && !begins_point(typed_.back()))
      typed_.pop_back();
    if (!typed_.empty()) typed_.pop_back();
  }
  bool choose(bool is_there, std::size_t completion) {
    if (is_there) chosen_ = completion;
    return is_there;
  }

  void complete() {
    const auto start = std::chrono::steady_clock::now();
    line_ = typed_;
    for (std::size_t i = 0; i < kSeen; ++i)
      line_.append("\t").append(i < session_.size() ? session_[i] : "");
    const Query query = reader_->read({"typed", 1}, line_, 0);
    const SparseRow ranked = (*ranker_)(query);
    microseconds_ = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    completions_.clear();
    for (std::size_t i = 0; i < ranked.size(); ++i)
      completions_.push_back({models_.names().key(ranked.indices[i]), ranked.values[i]});
    chosen_ = 0;
    known_ = (*prefixes_)(query.prefix);
  }

  ModelSet models_;
  std::optional<QueryReader> reader_;
  std::unique_ptr<Ranker> ranker_;
  std::deque<std::string> session_;  // the queries of the session, the latest first
  std::string typed_, line_;
  std::optional<KnownPrefixes> prefixes_;
  KnownPrefix known_;
  std::vector<Completion> completions_;
  std::size_t chosen_ = 0;
  double microseconds_ = 0;
};

// Shows the completions: on a terminal in place, elsewhere one line a change.
class View {
 public:
  View(const TypeOptions& options, OutputFile& out)
      : out_(out),
        rows_(options.k + 1),
        shows_shares_(options.source == CompletionSource::fused),
        draws_(out.is_terminal()) {
    if (draws_) out_.write("\x1b[?7l");  // a line that is too long is cut
  }
  ~View() {
    try {
      if (draws_) out_.write("\r\x1b[J\x1b[?7h");
      out_.flush();
    } catch (const Error&) {  // where nothing can be shown, nothing need be put right
    }
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  View(View&&) = delete;
  View& operator=(View&&) = delete;

  void show(const Typing& typing) {
    out_.write(draws_ ? drawing(typing) : line(typing));
    out_.flush();
  }

 private:
  static std::string line(const Typing& typing) {
    std::string line = fmt::format("{}\t{}", typing.previous(), typing.typed());
    for (const Typing::Completion& completion : typing.completions())
      line += fmt::format("\t{}", completion.key);
    return line + '\n';
  }

  // The cursor stays in the typed line: the lines below are made first, so that nothing scrolls later.
  std::string drawing(const Typing& typing) const {
    std::string text = "\r\x1b[J" + std::string(rows_, '\n') + fmt::format("\x1b[{}A\r", rows_);
    text += fmt::format(
        "\x1b[2m{}\x1b[0m > {}\x1b"
        "7",
        printable(typing.previous()), printable(typing.typed()));
    for (std::size_t i = 0; i < typing.completions().size(); ++i) {
      const auto& [key, score] = typing.completions()[i];
      text += fmt::format("\r\n{}{}", i == typing.chosen() ? " \x1b[7m " : "  ", printable(key));
      text += i == typing.chosen() ? " \x1b[0m" : " ";
      if (shows_shares_) text += fmt::format(" \x1b[2m{:.1f} %\x1b[0m", 100 * score);
    }
    text += fmt::format("\r\n\x1b[2m{}{:.0f} µs; Tab takes, arrows choose, Enter asks as typed, Ctrl-D ends\x1b[0m",
                        note(typing), typing.microseconds());
    return text +
           "\x1b"
           "8";
  }
  static std::string note(const Typing& typing) {
    if (typing.known().instead == Instead::nothing) return {};
    return fmt::format("no such query: completing \"{}\"; ", printable(typing.known().prefix));
  }

  OutputFile& out_;
  std::uint32_t rows_;  // below the typed line
  bool shows_shares_, draws_;
};

void type(const TypeOptions& options, Run& run) {
  check_dash_once("stdin", {{options.model, "-"}});
  check_dash_once("stdout", {{"-", run.common().stats}});
  Typing typing(options);
  InputFile in("-");
  std::optional<RawTerminal> raw;
  if (in.is_terminal()) raw.emplace();
  OutputFile out("-");
  std::uint64_t keys = 0;
  {
    View view(options, out);
    view.show(typing);
    KeyReader reader;
    char byte = 0;
    while (in.read({&byte, 1}) == 1) {
      const std::optional<KeyPress> press = reader.next(byte);
      if (!press) continue;
      ++keys;
      if (press->key == Key::interrupt) throw Interrupted();
      if (press->key == Key::end) break;
      if (typing.press(*press)) view.show(typing);
    }
  }
  out.commit();
  run.record("keys", keys);
}

}  // namespace

void add_type(Tool& tool) {
  tool.command("type",
               "Completes what is typed, after each key. Tab takes the completion that is marked, which becomes the "
               "previous query; arrows mark another; Enter asks what is typed; Backspace removes a character, or the "
               "previous query where nothing is typed; Ctrl-U removes all that is typed; Ctrl-D ends. Where stdout "
               "is not a terminal, each change is a line: previous query, what is typed, completions, parted by TAB.",
               "xmr-predict type -m model.npz\n"
               "printf 'pyth\\tlib' | xmr-predict type -m model.npz | tail -1",
               type);
}

}  // namespace xmr::tools
