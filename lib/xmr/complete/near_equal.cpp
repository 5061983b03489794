#include "xmr/complete/near_equal.hpp"

#include <algorithm>

namespace xmr {
namespace {

std::string singular(std::string_view word) {
  std::string form(word);
  if (word.size() < 4 || !word.ends_with('s') || word.ends_with("ss")) return form;
  form.pop_back();
  if (word.size() < 5 || !word.ends_with("ies")) return form;
  form.resize(form.size() - 2);
  return form + 'y';
}

}  // namespace

std::size_t NearEqual::group(std::string_view text) {
  words_.read(normal_.query(text));
  if (words_.size() == 0) return count_++;
  singular_.clear();
  for (std::size_t i = 0; i < words_.size(); ++i)
    singular_.push_back(singular(words_[i]));
  in_order_.clear();
  for (const std::string& word : singular_)
    in_order_ += word;
  std::ranges::sort(singular_);
  sorted_.clear();
  for (const std::string& word : singular_)
    sorted_.append(" ").append(word);  // a form in order holds no blank
  std::size_t group = count_;
  for (const std::string& form : {in_order_, sorted_})
    if (const auto found = groups_.find(form); found != groups_.end()) group = std::min(group, found->second);
  count_ = std::max(count_, group + 1);
  groups_.emplace(in_order_, group);
  groups_.emplace(sorted_, group);
  return group;
}

}  // namespace xmr
