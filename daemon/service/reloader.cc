#include "daemon/service/reloader.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "daemon/config/problem_place.h"
#include "daemon/service/log_line.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::seconds kQuiet{1};

void WriteLines(const std::string& path, const ReloadOutcome& outcome) {
  for (const ConfigProblem& problem : outcome.problems) {
    if (problem.warning) continue;
    LogLine(LogLevel::kError, "config_refused", PlaceIn(path, problem) + ": " + problem.Sentence());
  }
  if (!outcome.accepted) return;
  for (const ChangedKey& one : outcome.changed) {
    std::string text = one.key;
    if (!one.was.empty() || !one.is.empty())
      text.append(": ").append(one.was).append(" is now ").append(one.is);
    if (one.live) {
      LogLine(LogLevel::kInfo, "config_changed", text);
    } else {
      LogLine(LogLevel::kWarning, "config_needs_restart", text);
    }
  }
  LogLine(LogLevel::kInfo, "config_reloaded", "rules " + outcome.rules_hash + " are in use");
}

}  // namespace

std::string ReloadJson(const ReloadOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().MemberIf("file", outcome.file);
  json.Member("accepted", outcome.accepted).Member("rules", outcome.rules_hash);
  json.Key("changed").BeginArray();
  for (const ChangedKey& one : outcome.changed) {
    json.BeginObject().Member("key", one.key).MemberIf("was", one.was).MemberIf("is", one.is);
    json.Member("applies", one.live ? "now" : "after a restart").EndObject();
  }
  json.EndArray().Key("problems").BeginArray();
  for (const ConfigProblem& problem : outcome.problems) {
    json.BeginObject()
        .Member("line", problem.line)
        .Member("column", problem.column)
        .Member("key", problem.key);
    json.Member("text", problem.text).Member("warning", problem.warning).EndObject();
  }
  json.EndArray().EndObject();
  return out;
}

Reloader::Reloader(std::string path, Config running, std::function<void(const Config&)> use, Told told)
    : path_(std::move(path)),
      use_(std::move(use)),
      told_(std::move(told)),
      running_(std::move(running)),
      taken_(LookAtFile()) {}

void Reloader::Tell(ReloadCause cause, const ReloadOutcome& outcome) const {
  WriteLines(path_, outcome);
  if (told_) told_(cause, outcome);
}

Config Reloader::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

std::vector<std::string> Reloader::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_keys_;
}

Reloader::Look Reloader::LookAtFile() const {
  struct stat facts {};
  if (path_.empty() || ::stat(path_.c_str(), &facts) != 0) return {};
  return {facts.st_dev, facts.st_ino, facts.st_size,
          static_cast<int64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

ReloadOutcome Reloader::Reload(ReloadCause cause) {
  const std::lock_guard lock(mutex_);
  return TakeOver(cause);
}

void Reloader::Watch(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (path_.empty() || now - looked_at_ < kLookEvery) return;
  looked_at_ = now;
  const Look look = LookAtFile();
  if (look.size < 0 || look == taken_) return;  // A file that is gone for a moment is no new one.
  if (look != std::exchange(waiting_, look)) waiting_since_ = now;
  if (now - waiting_since_ >= kQuiet) TakeOver(ReloadCause::kFile);
}

// REQUIRES: mutex_ is held.
ReloadOutcome Reloader::TakeOver(ReloadCause cause) {
  taken_ = LookAtFile();
  Result<LoadedConfig> loaded = LoadConfig(path_, EmptyFile::kRefused);
  ReloadOutcome outcome;
  outcome.file = path_;
  outcome.rules_hash = running_.rules_hash;
  accepted_ = loaded && loaded->valid();
  if (!loaded) {
    outcome.problems.push_back({0, 0, "", loaded.error().detail, false});
    Tell(cause, outcome);
    return outcome;
  }
  outcome.problems = loaded->problems;
  outcome.accepted = loaded->valid();
  if (!outcome.accepted) {
    Tell(cause, outcome);
    return outcome;
  }
  std::string& instance = loaded->config.kafka.instance;
  if (instance.empty()) instance = running_.kafka.instance;  // Of the command line.
  outcome.changed = Difference(running_, loaded->config);
  waiting_keys_.clear();
  for (const ChangedKey& one : outcome.changed) {
    if (!one.live) waiting_keys_.push_back(one.key);
  }
  running_ = TakenOver(running_, loaded->config);
  outcome.rules_hash = running_.rules_hash;
  use_(running_);
  // A file that only looks changed is nobody's deed.
  if (cause != ReloadCause::kFile || !outcome.changed.empty()) Tell(cause, outcome);
  return outcome;
}

}  // namespace tocsin::daemon
