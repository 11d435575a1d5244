// Quotes that were forgotten: YAML reads on to the next one, and takes in the keys between.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin::daemon {

// Whether the quote at `at` takes in more than it may: it is never closed, or a line below it looks like an
// entry ("name: …", "- …") and begins no further to the right than the one that the quote is in. A text that
// somebody (or Helm) has folded is indented deeper. REQUIRES: text[at] is a quote.
[[nodiscard]] bool IsForgotten(std::string_view text, size_t at);
// The quote that opens next behind the value that begins at `from`, over names, signs and comments; npos:
// there is none. REQUIRES: `from` is not behind the end.
[[nodiscard]] size_t NextQuote(std::string_view text, size_t from);

}  // namespace tocsin::daemon
