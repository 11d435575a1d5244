#include "daemon/config/open_quote.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool IsQuote(char c) { return c == '"' || c == '\''; }

// Where the quote at `at` is closed; kNone: nowhere.
size_t CloseOf(std::string_view text, size_t at) {
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return i;
      ++i;  // Two of them are one that is meant.
    }
  }
  return kNone;
}

size_t LineOf(std::string_view text, size_t at) {
  const size_t end = at == 0 ? kNone : text.rfind('\n', at - 1);
  return end == kNone ? 0 : end + 1;
}

// The column of the entry that the quote at `at` is in: of "- brand: 'x'" that of the name, of "- 'x'" that
// of the dash.
size_t ColumnOfEntry(std::string_view text, size_t at) {
  const size_t line = LineOf(text, at);
  size_t column = 0;
  while (line + column < at && text[line + column] == ' ') ++column;
  for (size_t next = column;
       line + next + 1 < at && text[line + next] == '-' && text[line + next + 1] == ' ';) {
    next += 2;
    while (line + next < at && text[line + next] == ' ') ++next;
    if (line + next < at) column = next;
  }
  return column;
}

// What begins here looks like an entry of a list or a map, and not like words of a text.
bool IsEntry(std::string_view text) {
  if (text.starts_with("- ")) return true;
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || IsQuote(c);
  };
  size_t end = 0;
  while (end < text.size() && in_name(text[end])) ++end;
  if (end == 0 || end + 1 >= text.size() || text[end] != ':') return false;
  return std::string_view(" \t\r\n").find(text[end + 1]) != kNone;
}

}  // namespace

bool IsForgotten(std::string_view text, size_t at) {
  const size_t close = CloseOf(text, at);
  if (close == kNone) return true;
  const std::string_view quoted = text.substr(0, close);
  size_t end = quoted.find('\n', at);
  if (end == kNone) return false;
  const size_t column = ColumnOfEntry(text, at);
  for (; end != kNone; end = quoted.find('\n', end + 1)) {
    const size_t first = text.find_first_not_of(" \t", end + 1);
    if (first - end - 1 <= column && IsEntry(text.substr(first))) return true;
  }
  return false;
}

size_t NextQuote(std::string_view text, size_t from) {
  size_t at = from;
  if (at < text.size() && IsQuote(text[at])) {
    at = CloseOf(text, at);
    if (at == kNone) return from;
    ++at;
  }
  // A quote within a word ("don't") opens nothing, nor does one of a comment.
  char before = 'x';
  for (; at < text.size(); before = text[at++]) {
    const bool begins =
        before == ' ' || before == '\n' || before == '[' || before == '{' || before == ',' || before == '\t';
    if (begins && IsQuote(text[at])) return at;
    if (text[at] != '#' || (before != ' ' && before != '\n' && before != '\t')) continue;
    at = text.find('\n', at);
    if (at == kNone) return kNone;
  }
  return kNone;
}

}  // namespace tocsin::daemon
