#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"

namespace tocsin {
namespace {

constexpr std::string_view kEllipsis = "…";

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Optimal string alignment: insert, delete, replace, or swap of neighbours, each 1. ASCII case does not
// count. Anything above `limit` is given as limit + 1.
size_t EditDistance(std::string_view a, std::string_view b, size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    size_t row_min = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = ToLower(a[i - 1]) == ToLower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && ToLower(a[i - 1]) == ToLower(b[j - 2]) &&
          ToLower(a[i - 2]) == ToLower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
      row_min = std::min(row_min, row[j]);
    }
    if (row_min > limit) return limit + 1;
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    for (; at + 8 <= bytes.size(); at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      if ((word & 0x8080'8080'8080'8080) != 0) break;
    }
    while (at < bytes.size() && static_cast<uint8_t>(bytes[at]) < 0x80) ++at;
    while (at < bytes.size() && static_cast<uint8_t>(bytes[at]) >= 0x80) {
      const utf8::Decoded decoded = utf8::Decode(bytes.substr(at));
      if (!decoded.valid) return false;
      at += decoded.size;
    }
  }
  return true;
}

std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates) {
  // Longer words are nobody's misspelling; the bound keeps a hostile key from costing time.
  constexpr size_t kWordSizeMax = 128;
  if (word.empty() || word.size() > kWordSizeMax) return {};
  const size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string_view nearest;
  size_t nearest_distance = limit + 1;
  for (const std::string_view candidate : candidates) {
    const size_t distance = EditDistance(word, candidate, nearest_distance - 1);
    if (distance >= nearest_distance) continue;
    nearest = candidate;
    nearest_distance = distance;
    if (distance == 0) break;
  }
  return nearest;
}

std::string MaskId(std::string_view id) {
  constexpr size_t kShown = 2;          // At each end.
  constexpr size_t kCodePointsMin = 8;  // Below this, two at each end would show too much.
  std::vector<std::string_view> code_points;
  for (size_t at = 0; at < id.size();) {
    const utf8::Decoded decoded = utf8::Decode(id.substr(at));
    code_points.push_back(decoded.valid ? id.substr(at, decoded.size) : std::string_view("\xEF\xBF\xBD"));
    at += decoded.size;
  }
  if (code_points.empty()) return {};
  std::string out;
  const bool is_short = code_points.size() < kCodePointsMin;
  const size_t shown_first = is_short ? std::min<size_t>(1, code_points.size() - 1) : kShown;
  for (size_t i = 0; i < shown_first; ++i) out += code_points[i];
  out += kEllipsis;
  if (is_short) return out;
  for (size_t i = code_points.size() - kShown; i < code_points.size(); ++i) out += code_points[i];
  return out;
}

std::string ToCrockford32(uint64_t value, int digits) {
  constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  CHECK(digits >= 0);
  std::string out(static_cast<size_t>(digits), '0');
  for (size_t i = out.size(); i > 0; --i) {
    out[i - 1] = kDigits[value & 31];
    value >>= 5;
  }
  return out;
}

}  // namespace tocsin
