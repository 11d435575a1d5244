#include "daemon/enrich/asn_ranges_builder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kLineBytesMax = 4096;
constexpr size_t kOrganizationBytesMax = 200;

// A 128-bit decimal number as two halves; nullopt when it is none or too large.
std::optional<std::pair<uint64_t, uint64_t>> ParseDecimal128(std::string_view text) {
  if (text.empty() || text.size() > 39) return std::nullopt;
  std::array<uint64_t, 4> limbs{};  // 32 bits each, least significant first.
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    uint64_t carry = static_cast<uint64_t>(c - '0');
    for (uint64_t& limb : limbs) {
      carry += limb * 10;
      limb = carry & 0xffffffff;
      carry >>= 32;
    }
    if (carry != 0) return std::nullopt;
  }
  return std::pair{limbs[3] << 32 | limbs[2], limbs[1] << 32 | limbs[0]};
}

std::optional<uint32_t> ParseAsn(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Takes one field and the comma behind it off the line; a quoted one (RFC 4180) is unquoted into `scratch`.
// nullopt when quotes do not close, or when there is no comma but `last` does not say that this is the last
// field.
std::optional<std::string_view> TakeField(std::string_view& line, std::string& scratch, bool last = false) {
  if (line.empty() || line.front() != '"') {
    const size_t comma = line.find(',');
    if ((comma == std::string_view::npos) != last) return std::nullopt;
    const std::string_view field = line.substr(0, comma);
    line.remove_prefix(last ? line.size() : comma + 1);
    return field;
  }
  scratch.clear();
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      scratch.push_back(line[i]);
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      scratch.push_back('"');
      ++i;
    } else {
      line.remove_prefix(i + 1);
      if (line.empty() != last || (!last && line.front() != ',')) return std::nullopt;
      if (!last) line.remove_prefix(1);
      return std::string_view(scratch);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Done> AsnRangesBuilder::AddCsv(std::string_view csv, const std::string& name) {
  if (!ranges_) ranges_ = std::shared_ptr<AsnRanges>(new AsnRanges);
  if (!csv.empty() && csv.back() != '\n') {
    return Error{ErrorCode::kCorrupt, name,
                 "the last line does not end; the file is not whole, download it again"};
  }
  size_t number = 0;
  while (!csv.empty()) {
    ++number;
    const size_t newline = csv.find('\n');
    std::string_view line = csv.substr(0, newline);
    csv.remove_prefix(newline == std::string_view::npos ? csv.size() : newline + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (number == 1 && line.find("start") != std::string_view::npos) continue;  // A line of column names.
    if (line.size() > kLineBytesMax || !AddLine(line)) {
      return Error{ErrorCode::kCorrupt, name,
                   "line " + std::to_string(number) +
                       ": not \"start,end,asn,organization\"; the file is not whole, download it again"};
    }
  }
  return Done{};
}

bool AsnRangesBuilder::AddLine(std::string_view line) {
  const auto parse = [](std::string_view text) -> std::optional<std::pair<bool, Key>> {
    if (text.find_first_of(".:") != std::string_view::npos) {
      const std::optional<IpAddress> address = IpAddress::Parse(text);
      if (!address) return std::nullopt;
      if (address->is_v4()) return std::pair{true, Key{0, address->v4()}};
      Key key;
      for (size_t i = 0; i < 8; ++i) {
        key.high = key.high << 8 | address->bytes()[i];
        key.low = key.low << 8 | address->bytes()[8 + i];
      }
      return std::pair{false, key};
    }
    const auto value = ParseDecimal128(text);
    if (!value) return std::nullopt;
    return std::pair{value->first == 0 && value->second <= UINT32_MAX, Key{value->first, value->second}};
  };
  const std::optional<std::string_view> first_text = TakeField(line, unquoted_);
  if (!first_text) return false;
  const auto first = parse(*first_text);
  const std::optional<std::string_view> last_text = TakeField(line, unquoted_);
  if (!last_text) return false;
  const auto last = parse(*last_text);
  if (!first || !last || first->first != last->first || last->second < first->second) return false;
  const std::optional<std::string_view> asn_text = TakeField(line, unquoted_);
  if (!asn_text) return false;
  const std::optional<uint32_t> asn = ParseAsn(*asn_text);
  if (!asn) return false;
  const std::optional<std::string_view> organization = TakeField(line, unquoted_, true);
  if (!organization || !IsUtf8(*organization)) return false;
  if (*asn == 0) return true;  // "Not announced": the same as no range.
  const uint32_t system = SystemNumber(*asn, organization->substr(0, kOrganizationBytesMax));
  (first->first ? v4_ : v6_).push_back({first->second, last->second, system});
  return true;
}

uint32_t AsnRangesBuilder::SystemNumber(uint32_t asn, std::string_view organization) {
  // A cut name must not end in half a character.
  while (!organization.empty() && !IsUtf8(organization)) organization.remove_suffix(1);
  key_.assign(reinterpret_cast<const char*>(&asn), sizeof asn);
  key_.append(organization);
  const auto [number, is_new] = numbers_.try_emplace(key_, static_cast<uint32_t>(numbers_.size()));
  if (is_new) {
    AsnRanges& ranges = *ranges_;
    const auto [offset, new_name] =
        name_offsets_.try_emplace(std::string(organization), static_cast<uint32_t>(ranges.names_.size()));
    if (new_name) ranges.names_.append(organization);
    ranges.systems_.push_back({asn, offset->second, static_cast<uint32_t>(organization.size())});
  }
  return number->second;
}

std::vector<AsnRangesBuilder::Row> AsnRangesBuilder::Flatten(std::vector<Row> rows) {
  const auto before = [](Key key) { return Key{key.low == 0 ? key.high - 1 : key.high, key.low - 1}; };
  const auto after = [](Key key) {
    return Key{key.low == UINT64_MAX ? key.high + 1 : key.high, key.low + 1};
  };
  // Wider first where two begin together, so that the narrower one lies on top of it.
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.first != b.first ? a.first < b.first : b.last < a.last;
  });
  std::vector<Row> flat;
  flat.reserve(rows.size());
  std::vector<Row> open;  // Ranges that reach further, the narrowest last; `first` is where the rest begins.
  // Writes what is left of the open ranges that end before `limit`.
  const auto close_until = [&](const Key* limit) {
    while (!open.empty() && (limit == nullptr || open.back().last < *limit)) {
      const Row top = open.back();
      open.pop_back();
      if (top.first <= top.last) flat.push_back(top);
      while (!open.empty() && open.back().last <= top.last) open.pop_back();  // Nothing of it is left.
      if (!open.empty() && open.back().first <= top.last) open.back().first = after(top.last);
    }
  };
  for (const Row& row : rows) {
    close_until(&row.first);
    if (!open.empty()) {
      Row& under = open.back();
      if (under.first < row.first) flat.push_back({under.first, before(row.first), under.system});
      under.first = row.first;
    }
    open.push_back(row);
  }
  close_until(nullptr);
  return flat;
}

Result<std::shared_ptr<const AsnRanges>> AsnRangesBuilder::Finish() {
  if (!ranges_ || (v4_.empty() && v6_.empty())) {
    return Error{ErrorCode::kInvalid, "asn",
                 "the CSV files hold no range; name asn-ipv4-num.csv and asn-ipv6-num.csv"};
  }
  for (const Row& row : Flatten(std::move(v4_))) {
    ranges_->v4_.push_back(
        {static_cast<uint32_t>(row.first.low), static_cast<uint32_t>(row.last.low), row.system});
  }
  for (const Row& row : Flatten(std::move(v6_))) ranges_->v6_.push_back({row.first, row.last, row.system});
  ranges_->v4_.shrink_to_fit();
  ranges_->v6_.shrink_to_fit();
  ranges_->names_.shrink_to_fit();
  ranges_->Index();
  v4_.clear();
  v6_.clear();
  numbers_.clear();
  name_offsets_.clear();
  return std::shared_ptr<const AsnRanges>(std::move(ranges_));
}

}  // namespace tocsin::daemon
