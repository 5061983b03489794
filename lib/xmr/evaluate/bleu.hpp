#pragma once
// BLEU of one short text against another: BLEU-4 over words with uniform weights and the brevity penalty. Blanks
// separate words. A precision without a hit counts 0.1 hits (method 1 of Chen and Cherry, 2014, as in nltk). If the
// texts share no word, BLEU is 0. Cost: grams of one text times grams of the other. Thread rule: a pure function.

#include <string_view>

namespace xmr {

double bleu(std::string_view text, std::string_view reference);

}  // namespace xmr
