#pragma once
// BLEU of one short text against another: BLEU-4 on words, uniform weights, brevity penalty, a precision without a hit
// counted as 0.1 hits (method 1 of Chen and Cherry, 2014, as in nltk), 0 if no word is shared at all. Words are parted
// by blanks. Cost: grams of one times grams of the other. Thread rule: a pure function.

#include <string_view>

namespace xmr {

double bleu(std::string_view text, std::string_view reference);

}  // namespace xmr
