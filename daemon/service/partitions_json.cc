#include "daemon/service/partitions_json.h"

#include <algorithm>
#include <array>

namespace tocsin::daemon {
namespace {

constexpr std::array<const char*, 3> kStates = {"restoring", "serving", "stopped"};

}  // namespace

void WritePartitions(std::vector<PartitionStatus> partitions, const PartitionLags& lags, JsonWriter& json) {
  std::ranges::sort(partitions, {}, &PartitionStatus::partition);
  json.BeginArray();
  for (const PartitionStatus& one : partitions) {
    json.BeginObject().Member("partition", int64_t{one.partition});
    json.Member("state", kStates.at(static_cast<size_t>(one.state)));
    if (!one.why.empty()) json.Member("why", one.why);
    int64_t waiting = 0;
    std::map<std::string, int64_t> by_topic;
    for (const KafkaStats::Lag& lag : lags.kafka) {
      if (lag.partition != one.partition) continue;
      by_topic[lag.topic] = lag.records;
      waiting += lag.records;
    }
    if (const auto pending = lags.pending_bytes.find(one.partition); pending != lags.pending_bytes.end()) {
      json.Member("lag_bytes", static_cast<int64_t>(pending->second));
    } else {
      json.Member("lag_events", waiting);
    }
    json.Key("positions").BeginArray();
    for (const TopicPosition& position : one.positions) {
      json.BeginObject().Member("topic", position.topic).Member("next", position.next);
      if (const auto lag = by_topic.find(position.topic); lag != by_topic.end())
        json.Member("lag_events", lag->second);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

}  // namespace tocsin::daemon
