#include "daemon/service/explanations.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "daemon/service/log_line.h"

namespace tocsin::daemon {
namespace {

// Beside what the workers have: accounts that do not fit go to the directory meanwhile.
constexpr int kStateMemoryMb = 64;
constexpr int kBlockCacheMb = 8;

}  // namespace

Explanations::Explanations(ExplanationsParts parts) : parts_(std::move(parts)) {
  RemoveDirectory();  // What a process that was killed has left there.
}

void Explanations::RemoveDirectory() const {
  std::error_code ignored;
  std::filesystem::remove_all(parts_.directory, ignored);
}

Result<std::vector<Explanation>> Explanations::Of(const ExplainQuery& query) {
  const std::unique_lock alone(busy_, std::try_to_lock);
  if (!alone.owns_lock())
    return Error{ErrorCode::kUnavailable, "explanation", "another one is being made; ask again"};
  Config config = parts_.config();
  config.engine.state_memory_mb = std::min(config.engine.state_memory_mb, kStateMemoryMb);
  config.engine.block_cache_mb = std::min(config.engine.block_cache_mb, kBlockCacheMb);
  Result<ReplaySource> history = parts_.history();
  if (!history) return history.error();
  std::error_code error;
  std::filesystem::create_directories(parts_.directory, error);
  if (error) return Error{ErrorCode::kUnavailable, parts_.directory, error.message()};
  Explainer explainer(query, config.rules.alerts.risk, !history->trimmed);
  const ReplayJob job{
      .config = &config,
      .databases = parts_.databases(),
      .scratch = parts_.directory,
      .observer = &explainer,
      .report = [](std::string_view code,
                   const std::string& text) { LogLine(LogLevel::kWarning, code, "explanation: " + text); },
      .stop = parts_.stop};
  ReplayDone done;
  const Result<Done> ran = Replay(job, *history, done);
  RemoveDirectory();
  if (!ran) return ran.error();
  if (explainer.explanations().empty())
    return Error{ErrorCode::kNotFound, "explanation", explainer.NothingFound(done.metrics.records.value())};
  return explainer.explanations();
}

}  // namespace tocsin::daemon
