#include "daemon/config/key_builder.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

std::string Range(const Key& key) {
  const auto text = [&](double value) {
    return key.type == KeyType::kDuration ? DurationText(seconds(static_cast<int64_t>(value)))
                                          : NumberText(value);
  };
  std::string range = text(key.min) + " to " + text(key.max);
  if (!key.unit.empty()) range += " " + key.unit;
  return range;
}

}  // namespace

Result<Done, Wrong> CheckRange(const Key& key, double value) {
  if (value < key.min)
    return Wrong{"below " + Range(key).substr(0, Range(key).find(" to ")) + " (" + Range(key) + ")"};
  if (value > key.max) return Wrong{"above the greatest value (" + Range(key) + ")"};
  return Done{};
}

Wrong WithRange(const Key& key, const Wrong& wrong) { return {wrong.text + " (" + Range(key) + ")"}; }

Result<std::string, Wrong> ReadSecretFile(const YamlNode& node, const std::string& directory) {
  if (node.kind != YamlNode::Kind::kMap || node.members.size() != 1 || node.members[0].key.text != "file" ||
      node.members[0].value.kind != YamlNode::Kind::kScalar) {
    return Wrong{"a secret is only read from a file: write {file: /path/to/it}"};
  }
  if (node.members[0].value.text.empty()) return Wrong{"the path is empty: write {file: /path/to/it}"};
  constexpr size_t kBytesMax = 65536;
  const std::string file = (fs::path(directory) / node.members[0].value.text).lexically_normal().string();
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  // A pipe or a terminal would keep the program waiting.
  if (fs::exists(status) && !fs::is_regular_file(status)) return Wrong{file + " is not a file"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(kBytesMax + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream.is_open() || stream.bad())
    return Wrong{file + " cannot be read: " + std::generic_category().message(errno)};
  bytes.resize(static_cast<size_t>(stream.gcount()));
  if (bytes.size() > kBytesMax) return Wrong{file + " is larger than 64 KiB"};
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  if (bytes.empty()) return Wrong{file + " is empty"};
  return bytes;
}

}  // namespace tocsin::daemon
