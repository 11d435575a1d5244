#include "detectors/state/devices.h"

#include <algorithm>

#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

constexpr uint8_t kEmulator = 1;
constexpr uint8_t kRooted = 2;
constexpr int kVersionMax = 1'000'000'000;

Timestamp NewestOf(const Devices& devices) {
  Timestamp newest = kTimestampMin;
  for (const KnownDevice& device : devices.known) newest = std::max(newest, device.tenure.last_seen);
  return newest;
}

// Platforms and families are few: the common ones take a byte. Stored: append only.
constexpr std::string_view kCommonTexts[] = {
    "",
    "ios",
    "android",
    "windows",
    "macos",
    "linux",
    "web",
    "other",
    "iOS",
    "Android",
    "Windows",
    "Mac OS X",
    "Linux",
    "Chrome",
    "Chrome Mobile",
    "Safari",
    "Mobile Safari",
    "Firefox",
    "Edge",
    "macOS",
    "Ubuntu",
    "Firefox Mobile",
    "Samsung Internet",
    "Mobile Safari UI/WKWebView",
    "iPhone",
};

void WriteText(ByteWriter& writer, const std::string& text) {
  const auto* const common = std::find(std::begin(kCommonTexts), std::end(kCommonTexts), text);
  if (common != std::end(kCommonTexts))
    return writer.Varint(static_cast<uint64_t>(common - std::begin(kCommonTexts)) << 1);
  writer.Varint(static_cast<uint64_t>(text.size()) << 1 | 1);
  for (const char c : text) writer.Byte(static_cast<uint8_t>(c));
}

void ReadText(ByteReader& reader, std::string& text) {
  text.clear();
  const uint64_t head = reader.Varint();
  const uint64_t value = head >> 1;
  if ((head & 1) == 0) {
    if (value >= std::size(kCommonTexts)) return reader.Fail();
    text = kCommonTexts[value];
    return;
  }
  if (value > reader.remaining()) return reader.Fail();
  for (uint64_t i = 0; i < value; ++i) text.push_back(static_cast<char>(reader.Byte()));
}

int ReadVersion(ByteReader& reader) {
  const uint64_t version = reader.Varint();
  if (version > static_cast<uint64_t>(kVersionMax)) {
    reader.Fail();
    return 0;
  }
  return static_cast<int>(version);
}

}  // namespace

void Devices::Encode(ByteWriter& writer) const {
  const Timestamp base = NewestOf(*this);
  writer.Varint(static_cast<uint64_t>(ToMillis(base)));
  writer.Varint(known.size());
  for (const KnownDevice& device : known) {
    writer.Byte(static_cast<uint8_t>((device.emulator ? kEmulator : 0U) | (device.rooted ? kRooted : 0U)));
    WriteEventId(writer, device.id);
    WriteText(writer, device.platform);
    WriteText(writer, device.model);
    WriteText(writer, device.os_family);
    WriteText(writer, device.browser_family);
    writer.Varint(static_cast<uint64_t>(std::clamp(device.os_major, 0, kVersionMax)));
    writer.Varint(static_cast<uint64_t>(std::clamp(device.browser_major, 0, kVersionMax)));
    WriteTenure(writer, device.tenure, base);
  }
}

bool Devices::Decode(ByteReader& reader, uint8_t version, Devices& into) {
  if (version > kVersion) return false;
  const uint64_t base_millis = reader.Varint();
  if (base_millis > static_cast<uint64_t>(ToMillis(kTimestampMax))) return false;
  const Timestamp base = FromMillis(static_cast<int64_t>(base_millis));
  const size_t count = reader.Count(14);
  if (count > kKnownMax) return false;
  into.known.resize(count);
  for (KnownDevice& device : into.known) {
    const uint8_t head = reader.Byte();
    if (head > (kEmulator | kRooted)) return false;
    device.emulator = (head & kEmulator) != 0;
    device.rooted = (head & kRooted) != 0;
    device.id = ReadEventId(reader);
    ReadText(reader, device.platform);
    ReadText(reader, device.model);
    ReadText(reader, device.os_family);
    ReadText(reader, device.browser_family);
    device.os_major = ReadVersion(reader);
    device.browser_major = ReadVersion(reader);
    ReadTenure(reader, device.tenure, base);
  }
  return reader.ok();
}

size_t Devices::HeapBytes() const {
  size_t bytes = HeapBytesOf(known);
  for (const KnownDevice& device : known) {
    bytes += HeapBytesOf(device.id) + HeapBytesOf(device.platform) + HeapBytesOf(device.model) +
             HeapBytesOf(device.os_family) + HeapBytesOf(device.browser_family) +
             HeapBytesOf(device.tenure.introduced_by);
  }
  return bytes;
}

}  // namespace tocsin::detectors
