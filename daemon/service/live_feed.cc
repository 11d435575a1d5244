#include "daemon/service/live_feed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "detectors/detector_set.h"
#include "schemas/enum_names.h"
#include "schemas/ocsf_reader.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kListened{30};  // After the last question.
constexpr int kEventsPerSecondMax = 200;

using Names = std::vector<std::string_view>;

// Members that say what happened and to nobody in particular.
const Names& ShownOf(schemas::OutputKind kind) {
  static const std::array<Names, 6> shown = {
      Names{"finding_id", "detector", "family", "severity", "confidence", "risk", "status", "mode", "case_id",
            "occurred_at"},
      Names{"notice_id", "case_id", "template", "locale", "severity", "reference"},
      Names{"ticket_id", "case_id", "operation", "priority", "reference"},
      Names{"action_id", "case_id", "action", "risk", "expires_at"},
      Names{"topic", "partition", "offset", "reason", "field", "appended_at"},
      Names{}};
  return shown[static_cast<size_t>(kind)];
}

}  // namespace

std::string_view KindName(std::optional<schemas::OutputKind> kind) {
  return kind ? schemas::Name(*kind) : std::string_view("event");
}

void LiveFeed::Add(FeedEntry entry) {
  entry.number = ++number_;
  bytes_ += entry.account.size() + entry.value.size();
  entries_.push_back(std::move(entry));
  while (entries_.size() > kEntriesMax || (bytes_ > kBytesMax && !entries_.empty())) {
    bytes_ -= entries_.front().account.size() + entries_.front().value.size();
    entries_.pop_front();
  }
}

void LiveFeed::Forget(std::span<const std::string> accounts) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const FeedEntry& entry) {
    if (std::ranges::find(accounts, entry.account) == accounts.end()) return false;
    bytes_ -= entry.account.size() + entry.value.size();
    return true;
  });
}

void LiveFeed::Take(std::span<const TaskCommit> commits) {
  bool some = false;
  for (const TaskCommit& commit : commits) some = some || !commit.outputs.empty();
  if (!some) return;
  {
    const std::lock_guard lock(mutex_);
    for (const TaskCommit& commit : commits) {
      for (const schemas::OutRecord& record : commit.outputs) {
        std::string value = record.value;
        // Whoever looks on knows findings by their own members, whatever the outputs are written as.
        if (schemas::IsOcsf(record)) {
          if (Result<std::string> own = schemas::ReadOcsf(value)) value = *std::move(own);
        }
        Add({.kind = record.kind, .account = record.key, .value = std::move(value)});
      }
    }
  }
  changed_.notify_all();
}

void LiveFeed::Listen() {
  const std::lock_guard lock(mutex_);
  listen_until_ = std::chrono::steady_clock::now() + kListened;
  listening_ = true;
}

void LiveFeed::Saw(const Observed& observed) {
  if (!listening_.load(std::memory_order_relaxed)) return;
  const schemas::Event& event = observed.event;
  std::string value;
  JsonWriter json(value);
  json.BeginObject().Member("kind", "event").Member("type", schemas::Name(event.type));
  json.Member("account", refs_.Of(event.account_id.view())).Member("occurred_at", event.occurred_at);
  json.MemberIf("country", event.facts.place.country).Key("alerts").BeginArray();
  const auto catalogue = detectors::Catalogue();
  for (size_t i = 0; i < observed.verdicts.verdicts.size(); ++i) {
    if (observed.verdicts.verdicts[i].kind() == detectors::Verdict::Kind::kAlert)
      json.String(catalogue[i].id);
  }
  json.EndArray().EndObject();

  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (now > listen_until_) listening_ = false;
  if (now - second_ > std::chrono::seconds(1)) {
    second_ = now;
    in_second_ = 0;
  }
  if (++in_second_ > kEventsPerSecondMax) return;
  Add({.kind = std::nullopt, .account = {}, .value = std::move(value)});
  changed_.notify_all();
}

std::vector<FeedEntry> LiveFeed::After(uint64_t number, size_t entries_max, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return number_ > number; });
  std::vector<FeedEntry> found;
  for (const FeedEntry& entry : entries_) {
    if (entry.number <= number) continue;
    if (found.size() == entries_max) break;
    found.push_back(entry);
  }
  return found;
}

std::vector<FeedEntry> LiveFeed::Newest(schemas::OutputKind kind, size_t entries_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<FeedEntry> found;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < entries_max; ++entry) {
    if (entry->kind == kind) found.push_back(*entry);
  }
  return found;
}

uint64_t LiveFeed::last_number() const {
  const std::lock_guard lock(mutex_);
  return number_;
}

std::string LiveFeed::Redacted(const FeedEntry& entry) const {
  if (!entry.kind) return entry.value;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Member("kind", KindName(entry.kind));
  if (!entry.account.empty()) json.Member("account", refs_.Of(entry.account));
  const auto members = schemas::PlainMembers(entry.value);
  for (const std::string_view name : ShownOf(*entry.kind)) {
    if (const auto found = members.find(name); found != members.end()) json.Member(name, found->second);
  }
  json.EndObject();
  return out;
}

}  // namespace tocsin::daemon
