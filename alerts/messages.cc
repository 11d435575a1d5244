#include "alerts/messages.h"

#include <algorithm>
#include <iterator>

#include "alerts/localize.h"
#include "alerts/message_families.h"
#include "alerts/message_files.h"
#include "base/check.h"
#include "embedded/alerts_texts.h"

namespace tocsin::alerts {
namespace {

constexpr std::string_view kPlural = ", plural,";

struct Sentence {
  Locale locale;
  std::string_view key;
};

const Argument& Find(const Sentence& sentence, std::initializer_list<Argument> arguments,
                     std::string_view name) {
  const auto found = std::ranges::find(arguments, name, &Argument::name);
  if (found != arguments.end()) return *found;
  const std::string what = std::string(sentence.key) + ": nobody gives {" + std::string(name) +
                           "}: leave it out of the sentence, or give it where the sentence is said";
  CheckFailed("alerts/messages", 0, what.c_str());
}

// The end of the brace that opens at `begin`, one past it.
size_t EndOfBrace(std::string_view text, size_t begin) {
  int depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i + 1;
  }
  CHECK(false);
}

// Fills `pattern`; `complete` becomes false when an argument was empty.
std::string Fill(const Sentence& sentence, std::string_view pattern,
                 std::initializer_list<Argument> arguments, bool& complete) {
  std::string out;
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '[') {
      const size_t end = pattern.find(']', i);
      CHECK(end != std::string_view::npos);
      bool part_complete = true;
      const std::string part = Fill(sentence, pattern.substr(i + 1, end - i - 1), arguments, part_complete);
      if (part_complete) out += part;
      i = end + 1;
    } else if (pattern[i] == '{') {
      const size_t end = EndOfBrace(pattern, i);
      const std::string_view inside = pattern.substr(i + 1, end - i - 2);
      if (const size_t plural = inside.find(kPlural); plural != std::string_view::npos) {
        const Argument& count = Find(sentence, arguments, inside.substr(0, plural));
        out += FormatPlural(sentence.locale, inside.substr(plural + kPlural.size()), count.value);
      } else {
        const Argument& argument = Find(sentence, arguments, inside);
        complete = complete && !argument.value.empty();
        out += argument.value;
      }
      i = end;
    } else {
      out += pattern[i++];
    }
  }
  return out;
}

}  // namespace

std::string_view Name(Locale locale) { return locale == Locale::kZhCn ? "zh-CN" : "en"; }

Locale NearestLocale(std::string_view tag, Locale fallback) {
  const auto speaks = [tag](std::string_view language) {
    if (tag.size() < 2 || (tag.size() > 2 && tag[2] != '-' && tag[2] != '_')) return false;
    return (tag[0] | 0x20) == language[0] && (tag[1] | 0x20) == language[1];
  };
  if (speaks("zh")) return Locale::kZhCn;
  if (speaks("en")) return Locale::kEn;
  return fallback;
}

Messages::Messages() {
  for (const Locale locale : kLocales) {
    const std::string_view json = embedded::alerts_texts("messages/" + std::string(Name(locale)) + ".json");
    CHECK(!json.empty());
    auto texts = ParseMessages(json);
    CHECK(texts.ok());
    texts_[static_cast<size_t>(locale)] = *std::move(texts);
  }
  CheckFamilies();
}

const Messages& Messages::Instance() {
  static const Messages& messages = *new Messages;
  return messages;
}

bool Messages::Has(std::string_view key) const { return texts_[0].contains(key); }

void CheckIsKey(std::string_view key) {
  if (std::ranges::binary_search(embedded::kMessageKeys, key)) return;
  const std::string what =
      std::string(key) + ": no such sentence: write it in en.json and zh-CN.json, or ask for another";
  CheckFailed("alerts/messages", 0, what.c_str());
}

const std::string& Messages::Pattern(Locale locale, std::string_view key) const {
  const auto& texts = texts_[static_cast<size_t>(locale)];
  const auto found = texts.find(key);
  CHECK(found != texts.end());
  return found->second;
}

std::string Messages::Text(Locale locale, MessageKey key, std::initializer_list<Argument> arguments) const {
  bool complete = true;
  return Fill({locale, key.name()}, Pattern(locale, key.name()), arguments, complete);
}

std::vector<std::string_view> Messages::Keys() const {
  std::vector<std::string_view> keys;
  for (const auto& [key, text] : texts_[0]) keys.emplace_back(key);
  return keys;
}

}  // namespace tocsin::alerts
