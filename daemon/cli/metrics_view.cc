#include "daemon/cli/metrics_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

std::string Number(double value) {
  std::array<char, 32> text{};
  if (value >= 1e6) {
    std::snprintf(text.data(), text.size(), "%.1fM", value / 1e6);
  } else if (value >= 1e4) {
    std::snprintf(text.data(), text.size(), "%.1fk", value / 1e3);
  } else {
    std::snprintf(text.data(), text.size(),
                  value == static_cast<double>(static_cast<int64_t>(value)) ? "%.0f" : "%.1f", value);
  }
  return text.data();
}

std::string Stopped(std::string_view what, double partitions) {
  return partitions > 0 ? std::string(what) + Number(partitions) : std::string();
}

std::string Padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string Mebibytes(double bytes) { return Number(bytes / 1048576) + " MiB"; }

// A mean over what happened between the two looks; "-" when nothing did.
std::string MeanMillis(const ScreenParts& parts, const std::string& histogram) {
  const double count = parts.now.Sum(histogram + "_count") - parts.before.Sum(histogram + "_count");
  const double sum = parts.now.Sum(histogram + "_sum") - parts.before.Sum(histogram + "_sum");
  return count <= 0 ? "-" : Number(1000 * sum / count) + " ms";
}

// The higher, the sooner somebody must look.
int Concern(const PartitionView& partition) {
  return partition.state == "stopped" ? 2 : partition.state == "serving" ? 0 : 1;
}

std::string Waiting(double waiting, bool in_bytes) {
  return in_bytes ? Mebibytes(waiting) + " pending" : "lag " + Number(waiting);
}

// Those that somebody must look at first, then those that are furthest behind; the rest as a sum.
void AddPartitions(std::vector<PartitionView> partitions, std::vector<std::string>& lines) {
  constexpr size_t kShown = 6;
  if (partitions.empty()) return;
  std::ranges::stable_sort(partitions, [](const PartitionView& a, const PartitionView& b) {
    return std::pair(Concern(a), a.waiting) > std::pair(Concern(b), b.waiting);
  });
  lines.emplace_back("  partitions");
  const size_t shown = partitions.size() > kShown ? kShown - 1 : partitions.size();
  for (size_t i = 0; i < shown; ++i) {
    const PartitionView& one = partitions[i];
    lines.push_back("    " + Padded(one.partition, 5) + Padded(one.state, 11) +
                    Padded(Waiting(one.waiting, one.in_bytes), 19) +
                    (one.why.empty() ? one.positions : one.why));
  }
  if (shown < partitions.size()) {
    double waiting = 0;
    std::map<std::string, int> states;
    for (size_t i = shown; i < partitions.size(); ++i) {
      waiting += partitions[i].waiting;
      ++states[partitions[i].state];
    }
    std::string line = "    and";
    for (const auto& [state, count] : states) line.append(" " + std::to_string(count) + " " + state + ",");
    lines.push_back(line + " " + Waiting(waiting, partitions[0].in_bytes));
  }
  lines.emplace_back();
}

}  // namespace

std::vector<PartitionView> PartitionsOf(std::string_view status) {
  std::vector<PartitionView> partitions;
  for (const std::string& json : schemas::ArrayMember(status, "partition_states")) {
    auto members = schemas::PlainMembers(json);
    PartitionView& one = partitions.emplace_back();
    one.partition = members["partition"];
    one.state = members["state"];
    one.why = members["why"];
    one.in_bytes = members.contains("lag_bytes");
    one.waiting = std::strtod(members[one.in_bytes ? "lag_bytes" : "lag_events"].c_str(), nullptr);
    for (const std::string& position : schemas::ArrayMember(json, "positions")) {
      auto at = schemas::PlainMembers(position);
      one.positions.append(one.positions.empty() ? "" : ", ").append(at["topic"] + " " + at["next"]);
    }
  }
  return partitions;
}

MetricsSample::MetricsSample(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t space = line.rfind(' ');
    if (line.empty() || line[0] == '#' || space == std::string_view::npos) continue;
    const std::string_view series = line.substr(0, space);
    const double value = std::strtod(std::string(line.substr(space + 1)).c_str(), nullptr);
    const size_t brace = series.find('{');
    samples_[std::string(series.substr(0, brace))] += value;
    if (brace != std::string_view::npos) samples_[std::string(series)] = value;
  }
}

double MetricsSample::Sum(std::string_view name) const {
  const auto found = samples_.find(name);
  return found == samples_.end() ? 0 : found->second;
}

std::vector<std::pair<std::string, double>> MetricsSample::By(std::string_view name, std::string_view label,
                                                              std::string_view with) const {
  std::vector<std::pair<std::string, double>> series;
  const std::string begin = std::string(name) + "{";
  const std::string mark = std::string(label) + "=\"";
  for (auto at = samples_.lower_bound(begin); at != samples_.end() && at->first.starts_with(begin); ++at) {
    const size_t from = at->first.find(mark);
    if (from == std::string::npos || at->first.find(with) == std::string::npos) continue;
    const size_t value = from + mark.size();
    series.emplace_back(at->first.substr(value, at->first.find('"', value) - value), at->second);
  }
  return series;
}

std::string Screen(const ScreenParts& parts) {
  const MetricsSample& now = parts.now;
  const auto rate = [&](const char* name) {
    return (now.Sum(name) - parts.before.Sum(name)) / parts.seconds;
  };
  std::string version;
  for (const auto& [value, one] : now.By("tocsin_build_info", "version")) version = value;
  std::vector<std::string> lines;
  lines.push_back(
      "tocsin " + version + (now.Sum("tocsin_ready") > 0 ? "   serving" : "   NOT READY") + "   partitions " +
      Number(now.Sum("tocsin_partitions_assigned")) +
      Stopped("   STOPPED ", now.Sum("tocsin_partitions_stopped")) +
      Stopped("   DELIVERY STOPPED ", now.Sum(R"(tocsin_delivery_partitions{status="stopped"})")) +
      (now.Sum("tocsin_config_last_reload_successful") > 0 ? "" : "   CONFIG REFUSED"));
  lines.emplace_back();
  const auto row = [&](const char* what, const char* name) {
    lines.push_back("  " + Padded(what, 16) + Padded(Number(rate(name)) + "/s", 14) +
                    Padded(Number(now.Sum(name)), 12));
  };
  lines.push_back("  " + Padded("", 16) + Padded("now", 14) + "in all");
  row("events", "tocsin_events_total");
  row("findings", "tocsin_findings_total");
  row("notices", "tocsin_notices_total");
  row("tickets", "tocsin_tickets_total");
  row("dead letters", "tocsin_dead_letters_total");
  row("commits", "tocsin_commits_total");
  lines.emplace_back();
  lines.push_back("  lag " + Number(now.Sum("tocsin_lag_events")) + " events, " +
                  Mebibytes(now.Sum("tocsin_log_pending_bytes")) + " pending   commit " +
                  MeanMillis(parts, "tocsin_commit_seconds") + "   append to commit " +
                  MeanMillis(parts, "tocsin_append_to_commit_seconds"));
  lines.push_back("  accounts in memory " + Number(now.Sum("tocsin_states_in_memory")) + " (" +
                  Mebibytes(now.Sum("tocsin_state_memory_bytes")) + "), on disk " +
                  Mebibytes(now.Sum("tocsin_state_disk_bytes")));
  lines.emplace_back();

  // Detectors that spoke between the two looks, the loudest first.
  std::map<std::string, double> alerts;
  for (const auto& [detector, value] : now.By("tocsin_verdicts_total", "detector", "verdict=\"alert\""))
    alerts[detector] += value;
  for (const auto& [detector, value] :
       parts.before.By("tocsin_verdicts_total", "detector", "verdict=\"alert\""))
    alerts[detector] -= value;
  std::vector<std::pair<double, std::string>> loudest;
  for (const auto& [detector, value] : alerts) {
    if (value > 0) loudest.emplace_back(value / parts.seconds, detector);
  }
  std::ranges::sort(loudest, std::greater<>());
  std::string spoke;
  for (size_t i = 0; i < loudest.size() && i < 5; ++i)
    spoke.append(spoke.empty() ? "" : ", ")
        .append(loudest[i].second)
        .append(" ")
        .append(Number(loudest[i].first))
        .append("/s");
  lines.push_back("  alerts " + (spoke.empty() ? std::string("-") : spoke));
  lines.emplace_back();
  AddPartitions(parts.partitions, lines);
  lines.emplace_back("  latest findings");
  if (parts.findings.empty()) lines.emplace_back("    none, or no token to see them with");
  for (const std::string& finding : parts.findings) lines.push_back("    " + finding);

  std::string screen;
  for (size_t i = 0; i < lines.size() && i < static_cast<size_t>(parts.rows); ++i)
    screen.append(lines[i].substr(0, static_cast<size_t>(parts.width))).append("\n");
  return screen;
}

}  // namespace tocsin::daemon
