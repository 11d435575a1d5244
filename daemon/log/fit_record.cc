#include "daemon/log/fit_record.h"

#include <algorithm>

namespace tocsin::daemon {
namespace {

constexpr int64_t kEnvelope = 8'192;  // The letter's other members, its own headers, the log's framing.
constexpr int64_t kPerHeader = 64;
constexpr int64_t kEscaped = 6;  // A control character as JSON: \u0001.
constexpr size_t kKeyBytes = 1'024;
constexpr int64_t kMovedFrame =
    512;  // The batch's frame and the record's, names of the headers, numbers in them.
constexpr size_t kMovedHeader = 10;  // The lengths.

int64_t Base64Bytes(size_t bytes) { return (static_cast<int64_t>(bytes) + 2) / 3 * 4; }

int64_t HeaderBytes(const schemas::Record& record) {
  int64_t bytes = 0;
  for (const schemas::Header& header : record.headers) {
    bytes +=
        kPerHeader + kEscaped * static_cast<int64_t>(header.name.size()) + Base64Bytes(header.value.size());
  }
  return bytes;
}

// Within the letter, and as its key.
int64_t KeyBytes(const schemas::Record& record) {
  return (kEscaped + 1) * static_cast<int64_t>(record.key.size());
}

}  // namespace

int64_t LetterBytesMax(const schemas::Record& record) {
  return kEnvelope + KeyBytes(record) + HeaderBytes(record) + Base64Bytes(record.value.size());
}

int64_t MovedBytesMax(const schemas::Record& record, std::string_view account) {
  size_t bytes = record.value.size() + account.size() + record.topic.size();
  for (const schemas::Header& header : record.headers) {
    bytes += kMovedHeader + header.name.size() + header.value.size();
  }
  return kMovedFrame + static_cast<int64_t>(bytes);
}

bool FitRecord(int64_t bytes_max, schemas::Record& record) {
  if (LetterBytesMax(record) <= bytes_max) return false;
  record.key = record.key.substr(0, kKeyBytes);
  if (LetterBytesMax(record) <= bytes_max) return true;
  if (kEnvelope + KeyBytes(record) + HeaderBytes(record) > bytes_max / 2) record.headers = {};
  const int64_t left = std::max<int64_t>(bytes_max - kEnvelope - KeyBytes(record) - HeaderBytes(record), 0);
  record.value = record.value.substr(0, static_cast<size_t>(left / 4 * 3));
  return true;
}

}  // namespace tocsin::daemon
