#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace tocsin {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that break a line, turn the direction of text, or cannot be seen. In order.
constexpr Range kUnfit[] = {
    {0x0000, 0x0020},     // Controls, and the space itself.
    {0x007F, 0x00A0},     // Controls of the second block, no-break space.
    {0x00AD, 0x00AD},     // Soft hyphen.
    {0x034F, 0x034F},     // Combining grapheme joiner.
    {0x061C, 0x061C},     // Arabic letter mark.
    {0x115F, 0x1160},     // Hangul fillers.
    {0x1680, 0x1680},     // Ogham space.
    {0x17B4, 0x17B5},     // Invisible Khmer vowels.
    {0x180B, 0x180F},     // Mongolian separators.
    {0x2000, 0x200F},     // Spaces, zero-width characters, left-to-right and right-to-left marks.
    {0x2028, 0x202F},     // Line and paragraph separator, embeddings and overrides, narrow space.
    {0x205F, 0x206F},     // Mathematical space, word joiner, isolates, deprecated format characters.
    {0x2800, 0x2800},     // Blank Braille.
    {0x3000, 0x3000},     // Ideographic space.
    {0x3164, 0x3164},     // Hangul filler.
    {0xD800, 0xF8FF},     // Surrogates (never decoded) and private use.
    {0xFE00, 0xFE0F},     // Variation selectors.
    {0xFEFF, 0xFEFF},     // Byte order mark.
    {0xFFA0, 0xFFA0},     // Halfwidth Hangul filler.
    {0xFFF0, 0xFFFB},     // Interlinear annotation.
    {0xFFFE, 0xFFFF},     // Not characters.
    {0x1D173, 0x1D17A},   // Invisible musical format characters.
    {0xE0000, 0x10FFFF},  // Tags, further variation selectors, private use.
};

bool IsUnfit(char32_t c) {
  if (c > 0x20 && c < 0x7F) return false;
  const Range* const range = std::ranges::lower_bound(kUnfit, c, {}, &Range::last);
  return range != std::end(kUnfit) && range->first <= c;
}

// The full stop and what IDNA (UTS 46) and browsers read as one.
bool IsDot(char32_t c) { return c == '.' || c == 0x2024 || c == 0x3002 || c == 0xFF0E || c == 0xFF61; }

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsAsciiLetter(char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
// Any script may be part of a domain name; U+2010 to U+205E is punctuation.
bool IsLetter(char32_t c) {
  if (c < 0x80) return IsAsciiLetter(c);
  return (c < 0x2010 || c > 0x205E) && c != utf8::kReplacement && !IsDot(c);
}
bool IsLabel(char32_t c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_'; }

bool BeginsWith(std::u32string_view token, std::u32string_view lower) {
  if (token.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), token.begin(),
                    [](char32_t want, char32_t c) { return want == (IsAsciiLetter(c) ? c | 0x20 : c); });
}

// Would a mail program, or a hurried reader, take the token for a link? "http…", "www." anywhere, a dot
// before two letters, and anything with a dot before a slash or a port. A text that does not look like one
// does not begin to when it is cut.
bool LooksLikeUrl(std::u32string_view token) {
  for (size_t i = 0; i < token.size(); ++i) {
    if (BeginsWith(token.substr(i), U"http") || BeginsWith(token.substr(i), U"://")) return true;
    if (BeginsWith(token.substr(i), U"www") && i + 3 < token.size() && IsDot(token[i + 3])) return true;
    if (!IsDot(token[i]) || i == 0 || !IsLabel(token[i - 1])) continue;
    size_t end = i + 1;
    while (end < token.size() && IsLabel(token[end])) ++end;
    if (end == i + 1) continue;
    if (end - i > 2 && IsLetter(token[i + 1]) && IsLetter(token[i + 2])) return true;
    if (BeginsWith(token.substr(i + 1), U"xn--")) return true;
    if (end < token.size() && (token[end] == '/' || token[end] == '\\' || token[end] == ':')) return true;
  }
  return false;
}

// Takes from `token` what makes it a link.
void Disarm(std::u32string_view token, std::u32string& out) {
  if (!LooksLikeUrl(token)) {
    out += token;
    return;
  }
  const auto is_mark = [token](size_t i) { return token[i] == ':' || token[i] == '/' || token[i] == '\\'; };
  for (size_t i = 0; i < token.size(); ++i) {
    // "://" in all the spellings browsers forgive.
    const bool scheme_end =
        is_mark(i) && ((i > 0 && is_mark(i - 1)) || (i + 1 < token.size() && is_mark(i + 1)));
    out += IsDot(token[i]) || scheme_end ? U' ' : token[i];
  }
}

// Nothing of it would change: printable ASCII without what makes a link, and single spaces between words.
// Most texts are that (names of cities, devices and networks), and the long way takes ten times as long.
bool IsCleanAscii(std::string_view text) {
  char previous = ' ';
  for (const char c : text) {
    if (c < ' ' || c > '~' || c == '.' || c == ':' || c == '/' || c == '\\') return false;
    if (c == ' ' && previous == ' ') return false;
    previous = c;
  }
  return previous != ' ';
}

}  // namespace

std::string CleanText(std::string_view text, size_t code_points_max) {
  if (text.size() <= code_points_max && IsCleanAscii(text)) return std::string(text);
  std::u32string disarmed;
  std::u32string token;
  std::u32string clean;
  const auto finish_token = [&] {
    if (token.empty()) return;
    disarmed.clear();
    Disarm(token, disarmed);
    token.clear();
    bool gap = !clean.empty();
    for (const char32_t c : disarmed) {
      if (c == ' ') {
        gap = !clean.empty();
        continue;
      }
      if (gap) clean += U' ';
      gap = false;
      clean += c;
    }
  };
  // What lies beyond the cut need not be read.
  for (size_t at = 0; at < text.size() && clean.size() <= code_points_max;) {
    const utf8::Decoded decoded = utf8::Decode(text.substr(at));
    at += decoded.size;
    if (IsUnfit(decoded.code_point)) {
      finish_token();
    } else {
      token += decoded.code_point;
    }
  }
  finish_token();

  const bool cut = clean.size() > code_points_max;
  if (cut) {
    clean.resize(code_points_max);
    while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  }
  std::string out;
  out.reserve(clean.size() + 3);
  for (const char32_t c : clean) utf8::Append(out, c);
  if (cut) out += "…";
  return out;
}

}  // namespace tocsin
