#include "alerts/owner_text.h"

#include <algorithm>

#include "base/money.h"
#include "base/text.h"
#include "base/utf8.h"

namespace tocsin::alerts {
namespace {

constexpr size_t kDialledMin = 7;
constexpr size_t kModelMax = 8;

bool IsDigit(char32_t c) {
  constexpr char32_t kZeros[] = {'0', 0x0660, 0x06F0, 0x0966, 0xFF10};  // Arabic, Devanagari, fullwidth.
  return std::ranges::any_of(kZeros, [c](char32_t zero) { return c >= zero && c < zero + 10; });
}
bool IsLetter(char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsBetween(char32_t c) {
  return std::u32string_view(U" +-()./,_*·（）－＋．、").find(c) != std::u32string_view::npos ||
         (c >= 0x2010 && c <= 0x2015);
}

// "CNY 268000.00" at the begin or behind ": ", where `from` is the first digit.
bool IsMoney(std::u32string_view text, size_t from, size_t to) {
  constexpr size_t kCode = 4;  // With its blank.
  if (from < kCode || text[from - 1] != ' ') return false;
  const size_t begin = from - kCode;
  if (begin != 0 && (begin < 2 || text.substr(begin - 2, 2) != U": ")) return false;
  std::string code;
  for (const char32_t c : text.substr(begin, 3)) code += c < 0x80 ? static_cast<char>(c) : '?';
  const std::u32string_view number = text.substr(from, to - from);
  const auto plain = [](char32_t c) { return c == '.' || (c >= '0' && c <= '9'); };
  return Currency::Find(code).has_value() && std::ranges::all_of(number, plain) &&
         std::ranges::count(number, U'.') <= 1;
}

// "2026-01-15", as detectors write a day.
bool IsDay(std::u32string_view number) {
  if (number.size() != 10) return false;
  for (size_t i = 0; i < number.size(); ++i) {
    if ((i == 4 || i == 7) ? number[i] != '-' : number[i] < '0' || number[i] > '9') return false;
  }
  return true;
}

// "203.0.113.*", an address without its last part.
bool IsMaskedAddress(std::u32string_view number, std::u32string_view rest) {
  if (!rest.starts_with(U".*")) return false;
  int parts = 1;
  int value = 0;
  for (const char32_t c : number) {
    if (c == '.') {
      ++parts;
      value = 0;
      continue;
    }
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<int>(c - '0');
    if (value > 255) return false;
  }
  return parts == 3;
}

std::u32string WithoutNumbers(std::u32string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      out += text[at++];
      continue;
    }
    size_t group = at;
    while (group < text.size() && IsDigit(text[group])) ++group;
    const bool model = (at > 0 && IsLetter(text[at - 1])) || (group < text.size() && IsLetter(text[group]));
    size_t digits = 0;
    size_t end = at;
    for (size_t i = at; i < text.size() && (IsDigit(text[i]) || IsBetween(text[i])); ++i) {
      if (!IsDigit(text[i])) continue;
      ++digits;
      end = i + 1;
    }
    const std::u32string_view number = text.substr(at, end - at);
    const bool dialled = digits >= kDialledMin && !IsMoney(text, at, end) && !IsDay(number) &&
                         !IsMaskedAddress(number, text.substr(end));
    if (!dialled || (model && group - at <= kModelMax)) {
      out += text.substr(at, (dialled ? group : end) - at);
      at = dialled ? group : end;
      continue;
    }
    while (!out.empty() && out.back() != ' ' && IsBetween(out.back())) out.pop_back();
    out += U'…';
    at = end;
    while (at < text.size() && text[at] != ' ' && IsBetween(text[at])) ++at;
  }
  return out;
}

// Programs make links of it.
void DropTel(std::u32string& text) {
  constexpr std::u32string_view kTel = U"tel:";
  const auto same = [](char32_t c, char32_t lower) { return (IsLetter(c) ? c | 0x20 : c) == lower; };
  for (;;) {
    const auto found = std::ranges::search(text, kTel, same);
    if (found.empty()) return;
    text.erase(found.begin(), found.end());
  }
}

}  // namespace

std::string OwnerText(std::string_view text, size_t code_points_max) {
  std::string clean = CleanText(text, code_points_max);
  const auto suspect = [](char c) { return (c >= '0' && c <= '9') || c == ':' || (c & 0x80) != 0; };
  if (std::ranges::none_of(clean, suspect)) return clean;
  std::u32string points;
  for (size_t at = 0; at < clean.size();) {
    const utf8::Decoded decoded = utf8::Decode(std::string_view(clean).substr(at));
    at += decoded.size;
    points += decoded.code_point;
  }
  points = WithoutNumbers(points);
  DropTel(points);
  clean.clear();
  for (const char32_t c : points) utf8::Append(clean, c);
  return clean;
}

}  // namespace tocsin::alerts
