// The admin interface's view of the service.
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/json_writer.h"
#include "daemon/http/audit_log.h"
#include "daemon/log/kafka_letters.h"
#include "daemon/service/log_line.h"
#include "daemon/service/partitions_json.h"
#include "daemon/service/service.h"
#include "daemon/version.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

Timestamp WallClock() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

void WritePartitionStates(const std::vector<std::unique_ptr<PartitionBoard>>& boards, const LocalStore* local,
                          const KafkaStats& kafka, JsonWriter& json) {
  std::vector<PartitionStatus> partitions;
  for (const auto& board : boards) {
    std::vector<PartitionStatus> some = board->Read();
    partitions.insert(partitions.end(), std::make_move_iterator(some.begin()),
                      std::make_move_iterator(some.end()));
  }
  PartitionLags lags;
  if (local != nullptr) {
    for (const PartitionStatus& one : partitions)
      lags.pending_bytes[one.partition] = local->PendingBytes(one.partition);
  } else {
    lags.kafka = kafka.Lags();
  }
  WritePartitions(std::move(partitions), lags, json);
}

}  // namespace

void Service::OpenAdmin() {
  if (config_.http.admin_listen.empty() || config_.http.admin_token.empty()) return;
  AdminServerParts parts{.states = states_.get(),
                         .letters = LetterPlaces(),
                         .config = &reloader_,
                         .audit = &audit_,
                         .erasures = &erasures_,
                         .refs = &*refs_};
  parts.reload = [this] { return Reload(ReloadCause::kAdmin); };
  parts.status = [this] { return StatusJson(); };
  explanations_ = std::make_unique<Explanations>(ExplanationsParts{
      .history = [this] { return local_ ? RetainedSource(config_.state_dir) : KafkaSource(config_.kafka); },
      .config = [this] { return reloader_.running(); },
      .databases = [this] { return databases_->Current(); },
      .directory = (fs::path(config_.state_dir) / "explain").string(),
      .stop = &stop_});
  parts.explain = [this](const ExplainQuery& query) { return explanations_->Of(query); };
  parts.keep = [this](std::string_view account, const std::string& event) {
    return KeepOperatorEvent(account, event);
  };
  parts.wall_clock = WallClock;
  if (local_) {
    parts.kept_for = {.log = config_.local.retention + LocalStore::kTidyEvery,
                      .outputs = config_.local.outputs_retention + LocalStore::kTidyEvery};
  }
  parts.answered = CountsRequests();
  parts.closed = &connections_closed_.admin;
  admin_ = std::make_unique<AdminServer>(config_, std::move(parts));
}

// Their commit is durable. Who was promised an erasure can be shown when it was.
void Service::NoteErased(std::span<const std::string> accounts) {
  if (admin_) admin_->feed().Forget(accounts);
  std::vector<AuditEntry> entries;
  for (const std::string& account : accounts) {
    const std::string ref = refs_->Of(account);
    LogLine(LogLevel::kInfo, "account_erased", "nothing is remembered of an account, as an event asked",
            {{"account_ref", ref}});
    entries.push_back({.action = "account.erased", .subject = ref, .outcome = "done"});
  }
  if (Result<Done> written = erasures_.Write(entries); !written)
    LogLine(LogLevel::kWarning, "audit_unwritten", "an erasure is not in it: " + written.error().ToString());
}

Result<Done> Service::ListenAdmin() {
  if (!admin_) return Done{};
  if (Result<Done> listens = admin_->Listen(delivery_ ? &delivery_->desk() : nullptr); !listens)
    return listens;
  LogLine(LogLevel::kInfo, "admin_served", "/admin/v1 at port " + std::to_string(admin_->port()));
  return Done{};
}

DeadLetterPlaces Service::LetterPlaces() {
  if (local_) {
    return {.newest = [this](size_t letters_max) -> Result<std::vector<std::string>> {
              std::vector<std::string> letters;
              local_->outputs().VisitPaths(schemas::OutputKind::kDeadLetter,
                                           [&](const std::vector<std::string>& paths) {
                                             letters = LastLines(paths, letters_max, DeadLetters::kBytesMax);
                                           });
              return letters;
            },
            .put_back = [this](const schemas::DeadLetter& letter, bool) -> Result<bool> {
              std::vector<schemas::Header> headers;
              headers.reserve(letter.headers.size());
              for (const auto& [name, value] : letter.headers) headers.push_back({name, value});
              const Accepted accepted{
                  .account = letter.key, .topic = letter.topic, .headers = headers, .value = letter.bytes};
              if (Result<Done> kept = local_->Append({&accepted, 1}, WallClock()); !kept) return kept.error();
              return true;
            }};
  }
  return {.newest =
              [this](size_t letters_max) {
                return NewestOfTopic(config_.kafka, config_.kafka.dead_letters_topic, letters_max,
                                     DeadLetters::kBytesMax);
              },
          .put_back = [this](const schemas::DeadLetter& letter,
                             bool vouched) { return PutBack(config_.kafka, letter, vouched); },
          .is_read = [this](const std::string& topic) { return IsReadTopic(config_.kafka, topic); },
          .is_of_another = [this](const schemas::DeadLetter& letter) { return IsOfAnother(letter); }};
}

// Sources that are moved have no partitions of ours, and a partition that is none has no process: such
// letters are anybody's.
bool Service::IsOfAnother(const schemas::DeadLetter& letter) const {
  if (std::ranges::find(config_.kafka.input_topics, letter.topic) == config_.kafka.input_topics.end())
    return false;
  if (letter.partition < 0 || letter.partition >= kafka_topics_.partitions) return false;
  return std::ranges::none_of(boards_, [&letter](const std::unique_ptr<PartitionBoard>& board) {
    const std::vector<PartitionStatus> held = board->Read();
    return std::ranges::find(held, letter.partition, &PartitionStatus::partition) != held.end();
  });
}

// Says at once what would otherwise be a dead letter later.
Result<Done> Service::KeepOperatorEvent(std::string_view account, const std::string& event) {
  if (!local_ && !event_writer_) {
    return Error{ErrorCode::kInvalid, "kafka.feedback_topic",
                 "must be one of kafka.input_topics: what operators say of an account goes there"};
  }
  schemas::EventDecoder decoder(config_.decode);
  schemas::Event decoded;
  const schemas::Record record{
      .topic = "admin", .appended_at = WallClock(), .key = account, .headers = {}, .value = event};
  if (const auto good = decoder.Decode(record, decoded); !good)
    return Error{ErrorCode::kInvalid, std::string(good.error().field), std::string(good.error().detail)};
  return KeepEvent(account, event);
}

std::string Service::StatusJson() const {
  const auto sum = [this](Count WorkerMetrics::*member) {
    uint64_t total = 0;
    for (const auto& metrics : metrics_) total += ((*metrics).*member).value();
    return static_cast<int64_t>(total);
  };
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Member("version", kProgramVersion).Member("log", local_ ? "local" : "kafka");
  json.Member("ready", Ready()).Member("live", Live()).Member("started_at", started_at_);
  {
    const std::lock_guard lock(rules_mutex_);
    json.Member("rules", config_.rules_hash).Member("config_reloaded_at", config_reloaded_at_);
  }
  json.Member("config_accepted", reloader_.accepted()).Key("waits_for_restart").BeginArray();
  for (const std::string& key : reloader_.waiting()) json.String(key);
  json.EndArray().Member("geoip", databases_->Current()->version()).Member("workers", workers_);
  json.Member("partitions", sum(&WorkerMetrics::partitions));
  json.Member("partitions_stopped", sum(&WorkerMetrics::partitions_stopped) +
                                        static_cast<int64_t>(kafka_stats_.sources_stopped.load()));
  json.Key("partition_states");
  WritePartitionStates(boards_, local_.get(), kafka_stats_, json);
  json.Member("records", sum(&WorkerMetrics::records)).Member("findings", sum(&WorkerMetrics::findings));
  json.Member("dead_letters", sum(&WorkerMetrics::dead_letters)).EndObject();
  return out;
}

}  // namespace tocsin::daemon
