#include "alerts/codec_fields.h"

namespace tocsin::alerts {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kIdText = 32;
constexpr size_t kIdBytes = kIdText / 2;

bool IsHexId(std::string_view id) {
  return id.size() == kIdText && id.find_first_not_of(kHex) == std::string_view::npos;
}

}  // namespace

void WriteId(std::string_view id, ByteWriter& writer) {
  writer.Bool(IsHexId(id));
  if (!IsHexId(id)) {
    writer.String(id);
    return;
  }
  for (size_t i = 0; i < kIdText; i += 2) {
    writer.Byte(static_cast<uint8_t>(kHex.find(id[i]) << 4 | kHex.find(id[i + 1])));
  }
}

std::string ReadId(ByteReader& reader) {
  if (!reader.Bool()) return std::string(reader.String());
  std::string id;
  for (size_t i = 0; i < kIdBytes; ++i) {
    const uint8_t byte = reader.Byte();
    id += kHex[byte >> 4];
    id += kHex[byte & 0x0f];
  }
  return id;
}

void WriteTime(Timestamp at, ByteWriter& writer) { writer.Signed(ToMillis(at)); }

Timestamp ReadTime(ByteReader& reader) {
  const Timestamp at = FromMillis(reader.Signed());
  if (at < kTimestampMin || at > kTimestampMax) {
    reader.Fail();
    return kTimestampMin;
  }
  return at;
}

void WriteStrings(const std::vector<std::string>& texts, ByteWriter& writer) {
  writer.Varint(texts.size());
  for (const std::string& text : texts) writer.String(text);
}

std::vector<std::string> ReadStrings(ByteReader& reader) {
  std::vector<std::string> texts;
  const size_t count = reader.Count();
  for (size_t i = 0; i < count && reader.ok(); ++i) texts.emplace_back(reader.String());
  return texts;
}

void WriteMoney(const Money& money, ByteWriter& writer) {
  writer.Signed(money.minor);
  writer.Varint(money.currency.packed());
}

Money ReadMoney(ByteReader& reader) {
  Money money;
  money.minor = reader.Signed();
  const uint64_t packed = reader.Varint();
  if (packed == 0) return money;
  const auto currency =
      packed > UINT16_MAX ? std::nullopt : Currency::FromPacked(static_cast<uint16_t>(packed));
  if (!currency) reader.Fail();
  money.currency = currency.value_or(Currency());
  return money;
}

uint32_t ReadCounter(ByteReader& reader) {
  const uint64_t value = reader.Varint();
  if (value > UINT32_MAX) reader.Fail();
  return static_cast<uint32_t>(value);
}

}  // namespace tocsin::alerts
