// The sentences people read, by key and locale: alerts/messages/en.json and zh-CN.json, compiled in. The one
// catalogue for notices, tickets and findings.
//
// A sentence may hold
//   {name}                          the argument of that name;
//   [… {name} …]                    a part that is left out when an argument in it is empty; not nested;
//   {name, plural, one {…} other {…}}  the form for the count, by the rules of the language (ICU); # is the
//   count.
// An argument that a sentence names and nobody gave is a programming error (CHECK), which names the sentence:
// `render --list` says each of them when the program is built.
//
// Thread safety: immutable after the first use.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/message_key.h"

namespace tocsin::alerts {

enum class Locale : uint8_t { kEn, kZhCn };
inline constexpr Locale kLocales[] = {Locale::kEn, Locale::kZhCn};

// "en", "zh-CN".
[[nodiscard]] std::string_view Name(Locale locale);
// The locale nearest to a BCP 47 tag by its language ("zh-Hant-TW" is zh-CN, "en-GB" en), else `fallback`.
[[nodiscard]] Locale NearestLocale(std::string_view tag, Locale fallback);

struct Argument {
  std::string_view name;
  std::string_view value;  // A count is its decimal digits.
};

class Messages {
 public:
  // CHECKs that both catalogues are there, and have a sentence for every key that is put together of a name
  // (alerts/message_families.h).
  [[nodiscard]] static const Messages& Instance();

  [[nodiscard]] bool Has(std::string_view key) const;
  [[nodiscard]] std::string Text(Locale locale, MessageKey key,
                                 std::initializer_list<Argument> arguments = {}) const;
  // As it stands in the catalogue. REQUIRES: Has(key).
  [[nodiscard]] const std::string& Pattern(Locale locale, std::string_view key) const;
  [[nodiscard]] std::vector<std::string_view> Keys() const;

 private:
  Messages();
  std::map<std::string, std::string, std::less<>> texts_[2];  // By locale.
};

}  // namespace tocsin::alerts
