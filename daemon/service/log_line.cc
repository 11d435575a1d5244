#include "daemon/service/log_line.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include "base/json_writer.h"
#include "base/time.h"

namespace tocsin::daemon {
namespace {

constexpr int kPerSecondMax = 10;

struct Rate {
  std::chrono::steady_clock::time_point second;
  int written = 0;
  int64_t left_out = 0;
};

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void LogLine(LogLevel level, std::string_view code, std::string_view text) {
  static std::mutex mutex;
  static std::map<std::string, Rate, std::less<>> rates;
  static const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const std::lock_guard lock(mutex);
  auto rate = rates.find(code);
  if (rate == rates.end()) rate = rates.emplace(std::string(code), Rate{}).first;
  const auto now = std::chrono::steady_clock::now();
  if (now - rate->second.second > std::chrono::seconds(1)) {
    rate->second.second = now;
    rate->second.written = 0;
  }
  if (++rate->second.written > kPerSecondMax) {
    ++rate->second.left_out;
    return;
  }
  std::string line;
  const Timestamp at = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  if (terminal) {
    line.append(FormatRfc3339(at).substr(11, 12)).append(" ").append(Name(level)).append(" ");
    line.append(text).append(" (").append(code).append(")");
  } else {
    JsonWriter json(line);
    json.BeginObject().Member("ts", at).Member("level", Name(level)).Member("code", code).Member("msg", text);
    if (rate->second.left_out > 0) json.Member("left_out", rate->second.left_out);
    json.EndObject();
  }
  rate->second.left_out = 0;
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace tocsin::daemon
