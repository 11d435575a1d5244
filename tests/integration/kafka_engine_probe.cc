// The engine over Kafka with a processor that counts (tests/support/counting_processor.h): what
// test_kafka_log.py kills, restarts and runs in several copies. Ends in order on SIGTERM; reports go to
// standard error.
//
//   kafka_engine_probe --brokers B --prefix P --state DIR [--instance I] [--workers N] [--inputs a,b,c]
//   [--partitions N] [--findings TOPIC]
//                      [--existing-only] [--property key=value]...
//   kafka_engine_probe --delete-records BROKERS TOPIC PARTITION BEFORE    what retention does to a partition
//   kafka_engine_probe --offsets BROKERS TOPIC PARTITION    for each line of standard input, what the
//   partition holds ("begin end"), or the error, with half a second's patience
//   kafka_engine_probe --later-form STATE    makes the checkpoints in STATE those of a version to come
#include <librdkafka/rdkafka.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/engine/commit_record.h"
#include "daemon/engine/worker.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/kafka_log.h"
#include "tests/support/counting_processor.h"

namespace tocsin::daemon {
namespace {

std::atomic<bool> stop_requested{false};

struct Arguments {
  KafkaConfig kafka;
  std::string state;
  int workers = 1;
};

Arguments Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  std::string prefix;
  std::string inputs = "logins,transactions,account-changes";
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--existing-only") {
      arguments.kafka.create_topics = false;
      continue;
    }
    const std::string& value = words.at(i + 1);
    if (words[i] == "--brokers") arguments.kafka.brokers = value;
    if (words[i] == "--prefix") prefix = value;
    if (words[i] == "--state") arguments.state = value;
    if (words[i] == "--instance") arguments.kafka.instance = value;
    if (words[i] == "--workers") arguments.workers = std::stoi(value);
    if (words[i] == "--inputs") inputs = value;
    if (words[i] == "--findings") arguments.kafka.findings_topic = value;
    if (words[i] == "--partitions") arguments.kafka.partitions = std::stoi(value);
    if (words[i] == "--property") {
      arguments.kafka.properties[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    }
    ++i;
  }
  KafkaConfig& kafka = arguments.kafka;
  kafka.group = prefix + "group";
  kafka.input_topics.clear();
  for (size_t begin = 0; begin < inputs.size();) {
    const size_t end = std::min(inputs.find(',', begin), inputs.size());
    kafka.input_topics.push_back(prefix + inputs.substr(begin, end - begin));
    begin = end + 1;
  }
  for (std::string* topic : {&kafka.changelog_topic, &kafka.findings_topic, &kafka.notices_topic,
                             &kafka.tickets_topic, &kafka.actions_topic, &kafka.dead_letters_topic}) {
    topic->insert(0, prefix);
  }
  return arguments;
}

Timestamp WallClock() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

void Report(std::string_view code, const std::string& text) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cerr << ToMillis(WallClock()) % 100'000'000 << ' ' << code << ": " << text << std::endl;
}

int Fail(const Error& error) {
  std::cerr << "error: " << error.ToString() << std::endl;
  return error.code == ErrorCode::kUnavailable ? 69 : 78;
}

int Run(const Arguments& arguments) {
  Result<KafkaTopics> topics = PrepareKafkaTopics(arguments.kafka, Report);
  if (!topics) return Fail(topics.error());
  std::filesystem::create_directories(arguments.state);
  auto store = StateStore::Open(arguments.state + "/accounts", {});
  if (!store) return Fail(store.error());
  Result<std::string> producer_id = ProducerIdOf(arguments.state);
  if (!producer_id) return Fail(producer_id.error());

  KafkaStats stats;
  std::vector<WorkerMetrics> metrics(static_cast<size_t>(arguments.workers));
  std::vector<std::thread> threads;
  threads.reserve(metrics.size());
  std::atomic<int> exit_code{0};
  std::atomic<int> running{arguments.workers};
  for (int i = 0; i < arguments.workers; ++i) {
    threads.emplace_back([&, i] {
      WorkerParts parts;
      parts.log = std::make_unique<KafkaLog>(
          arguments.kafka, *topics,
          KafkaLogOptions{.worker = i, .producer_id = *producer_id, .stats = &stats, .report = Report});
      parts.processor = std::make_unique<CountingProcessor>();
      parts.store = store->get();
      parts.owner = topics->owner;
      parts.workers = arguments.workers;
      // Often, so that kills hit them.
      parts.config.checkpoint_interval = std::chrono::seconds(1);
      parts.metrics = &metrics[static_cast<size_t>(i)];
      parts.wall_clock = WallClock;
      parts.report = Report;
      Worker worker(std::move(parts));
      if (Result<Done> ran = worker.Run(stop_requested); !ran) exit_code = Fail(ran.error());
      --running;
    });
  }
  Report("probe_runs", "workers " + std::to_string(arguments.workers));
  for (uint64_t told = 0; running > 0; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    uint64_t stopped = 0;
    for (const WorkerMetrics& worker : metrics) stopped += worker.partitions_stopped.value();
    if (stopped != told) Report("probe_stopped", std::to_string(stopped) + " partitions");
    told = stopped;
  }
  for (std::thread& thread : threads) thread.join();
  uint64_t records = 0;
  uint64_t resumes = 0;
  for (const WorkerMetrics& worker : metrics) {
    records += worker.records.value();
    resumes += worker.resumes.value();
  }
  Report("probe_ends", "records " + std::to_string(records) + ", producers renewed " +
                           std::to_string(stats.producers_renewed.load()) + ", partitions lost " +
                           std::to_string(stats.partitions_lost.load()) + ", resumed " +
                           std::to_string(resumes));
  return exit_code;
}

int DeleteRecords(const std::vector<std::string>& words) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", words.at(1).c_str(), nullptr, 0);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(offsets, words.at(2).c_str(), std::stoi(words.at(3)))->offset =
      std::stoll(words.at(4));
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(offsets);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_DeleteRecords(handle, &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  const bool done = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(offsets);
  rd_kafka_destroy(handle);
  return done ? 0 : 69;
}

int Offsets(const std::vector<std::string>& words) {
  KafkaCallbacks callbacks;
  const Result<KafkaHandle> made = MakeKafkaHandle(
      RD_KAFKA_PRODUCER, MakeKafkaConf(KafkaConfig{.brokers = words.at(1)}, {}, {}, callbacks));
  if (!made) return Fail(made.error());
  for (std::string line; std::getline(std::cin, line);) {
    KafkaOffsets held;
    const rd_kafka_resp_err_t err =
        QueryOffsets(made->get(), words.at(2), std::stoi(words.at(3)), std::chrono::milliseconds(500), held);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::cout << held.begin << ' ' << held.end << std::endl;
    } else {
      std::cout << rd_kafka_err2name(err) << std::endl;
    }
  }
  return 0;
}

int LaterForm(const std::string& state) {
  const Result<std::unique_ptr<StateStore>> store = StateStore::Open(state, {});
  if (!store) return Fail(store.error());
  for (const std::string& name : (*store)->Partitions()) {
    const auto partition = (*store)->OpenPartition(name);
    if (!partition) return Fail(partition.error());
    Result<std::optional<CheckpointMark>> mark = (*partition)->ReadMark();
    if (!mark) return Fail(mark.error());
    if (!*mark) continue;
    Result<CommitRecord> record = DecodeCommitRecord((*mark)->commit_record);
    if (!record) return Fail(record.error());
    ++record->state_form;
    (*mark)->commit_record = Encode(*record);
    std::vector<CheckpointEntry> none;
    if (const Result<Done> written = (*partition)->Write(**mark, none); !written)
      return Fail(written.error());
  }
  return 0;
}

}  // namespace
}  // namespace tocsin::daemon

int main(int argc, char** argv) {
  std::signal(SIGTERM, [](int) { tocsin::daemon::stop_requested = true; });
  if (argc == 6 && std::string(argv[1]) == "--delete-records") {
    return tocsin::daemon::DeleteRecords({argv + 1, argv + argc});
  }
  if (argc == 5 && std::string(argv[1]) == "--offsets") {
    return tocsin::daemon::Offsets({argv + 1, argv + argc});
  }
  if (argc == 3 && std::string(argv[1]) == "--later-form") return tocsin::daemon::LaterForm(argv[2]);
  return tocsin::daemon::Run(tocsin::daemon::Parse({argv + 1, argv + argc}));
}
