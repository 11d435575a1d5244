#include "daemon/service/log_line.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>

#include "base/json_writer.h"
#include "base/time.h"
#include "daemon/service/plain_text.h"

namespace tocsin::daemon {
namespace {

constexpr int kPerSecondMax = 10;
constexpr size_t kRecentMax = 500;

struct Rate {
  std::chrono::steady_clock::time_point second;
  int written = 0;
  int64_t left_out = 0;
};

// Of the process: standard error is one, too.
struct Journal {
  std::mutex mutex;
  std::map<std::string, Rate, std::less<>> rates;
  std::deque<std::string> recent;
};

Journal& TheJournal() {
  static Journal journal;
  return journal;
}

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

std::string_view Colour(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "\x1b[32m";
    case LogLevel::kWarning:
      return "\x1b[33m";
    case LogLevel::kError:
      return "\x1b[31m";
  }
  return "";
}

std::string ForPeople(LogLevel level, std::string_view code, std::string_view text,
                      std::initializer_list<LogField> fields, int64_t left_out, Timestamp at) {
  static const bool colour = std::getenv("NO_COLOR") == nullptr;
  std::string line = FormatRfc3339(at).substr(11, 12) + " ";
  if (colour) line += Colour(level);
  line += Name(level);
  if (colour) line += "\x1b[0m";
  line.append(" ").append(Plain(text));
  for (const LogField& field : fields)
    line.append(" ").append(field.name).append("=").append(Plain(field.value));
  if (left_out > 0) line.append(" left_out=").append(std::to_string(left_out));
  return line.append(" (").append(code).append(")");
}

}  // namespace

void LogLine(LogLevel level, std::string_view code, std::string_view text,
             std::initializer_list<LogField> fields) {
  LogLineAt(std::chrono::steady_clock::now(), level, code, text, fields);
}

void LogLineAt(std::chrono::steady_clock::time_point now, LogLevel level, std::string_view code,
               std::string_view text, std::initializer_list<LogField> fields) {
  Journal& journal = TheJournal();
  const std::lock_guard lock(journal.mutex);
  auto rate = journal.rates.find(code);
  if (rate == journal.rates.end()) rate = journal.rates.emplace(std::string(code), Rate{}).first;
  if (now - rate->second.second > std::chrono::seconds(1)) {
    rate->second.second = now;
    rate->second.written = 0;
  }
  if (++rate->second.written > kPerSecondMax) {
    ++rate->second.left_out;
    return;
  }
  const Timestamp at = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  std::string line;
  JsonWriter json(line);
  json.BeginObject().Member("ts", at).Member("level", Name(level)).Member("code", code).Member("msg", text);
  for (const LogField& field : fields) json.Member(field.name, field.value);
  if (rate->second.left_out > 0) json.Member("left_out", rate->second.left_out);
  json.EndObject();
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const std::string written =
      (terminal ? ForPeople(level, code, text, fields, rate->second.left_out, at) : line) + "\n";
  rate->second.left_out = 0;
  std::fwrite(written.data(), 1, written.size(), stderr);
  journal.recent.push_back(std::move(line));
  if (journal.recent.size() > kRecentMax) journal.recent.pop_front();
}

std::vector<std::string> RecentLogLines() {
  Journal& journal = TheJournal();
  const std::lock_guard lock(journal.mutex);
  return {journal.recent.begin(), journal.recent.end()};
}

}  // namespace tocsin::daemon
