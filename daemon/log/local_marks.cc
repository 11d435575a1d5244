#include "daemon/log/local_marks.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kOutputsVersion = 2;  // 1 had one file of each kind, for ever.
constexpr size_t kBytesMax = size_t{1} << 20U;

std::string Sealed(std::string bytes) {
  const uint32_t crc = Crc32c(bytes);
  ByteWriter(bytes).Fixed32(crc);
  return bytes;
}

// What lies before the checksum, when that is right.
std::optional<std::string_view> Unsealed(std::string_view bytes) {
  if (bytes.size() < sizeof(uint32_t)) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(uint32_t));
  ByteReader crc(bytes.substr(body.size()));
  if (crc.Fixed32() != Crc32c(body)) return std::nullopt;
  return body;
}

constexpr size_t kPartBytesMin = 1 + 2 * kOutputKinds;

void Write(const OutputPart& part, ByteWriter& writer) {
  writer.Signed(ToMillis(part.began));
  for (const int64_t begin : part.begins) writer.Signed(begin);
  for (const uint64_t length : part.lengths) writer.Varint(length);
}

OutputPart ReadPart(ByteReader& reader) {
  OutputPart part;
  part.began = FromMillis(reader.Signed());
  for (int64_t& begin : part.begins) begin = reader.Signed();
  for (uint64_t& length : part.lengths) length = reader.Varint();
  return part;
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path) {
  Result<std::string> bytes = ReadBoundedFile(path, kBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::string();
  return bytes;
}

std::string EncodeMark(const OutputsMark& mark) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(kOutputsVersion);
  writer.Signed(mark.commits);
  writer.Bool(mark.outputs.turning);
  Write(mark.outputs.current, writer);
  writer.Varint(mark.outputs.older.size());
  for (const OutputPart& part : mark.outputs.older) Write(part, writer);
  return Sealed(std::move(out));
}

std::string EncodeMark(const std::vector<PartitionMark>& marks) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Varint(marks.size());
  for (const PartitionMark& mark : marks) {
    writer.Signed(mark.input_end);
    writer.Signed(mark.covered);
  }
  return Sealed(std::move(out));
}

std::optional<OutputsMark> DecodeOutputsMark(std::string_view bytes) {
  const std::optional<std::string_view> body = Unsealed(bytes);
  if (!body) return std::nullopt;
  ByteReader reader(*body);
  const uint8_t version = reader.Byte();
  OutputsMark mark;
  mark.commits = reader.Signed();
  if (version == kVersion) {
    for (uint64_t& length : mark.outputs.current.lengths) length = reader.Fixed64();
  } else if (version == kOutputsVersion) {
    mark.outputs.turning = reader.Bool();
    mark.outputs.current = ReadPart(reader);
    mark.outputs.older.resize(reader.Count(kPartBytesMin));
    for (OutputPart& part : mark.outputs.older) part = ReadPart(reader);
  } else {
    return std::nullopt;
  }
  const bool whole = reader.ok() && reader.AtEnd() && !(mark.outputs.turning && mark.outputs.older.empty());
  if (!whole) return std::nullopt;
  return mark;
}

std::optional<std::vector<PartitionMark>> DecodePartitionMarks(std::string_view bytes) {
  const std::optional<std::string_view> body = Unsealed(bytes);
  if (!body) return std::nullopt;
  ByteReader reader(*body);
  const uint8_t version = reader.Byte();
  std::vector<PartitionMark> marks(reader.Count(2));
  for (PartitionMark& mark : marks) {
    mark.input_end = reader.Signed();
    mark.covered = reader.Signed();
  }
  if (!reader.ok() || !reader.AtEnd() || version != kVersion) return std::nullopt;
  return marks;
}

}  // namespace tocsin::daemon
