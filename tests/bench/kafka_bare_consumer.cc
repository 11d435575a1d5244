// kafka_bare_consumer BROKERS TOPIC...: reads the topics to their end and does nothing with the records.
//
// What kafka_end_to_end.py holds the daemon against: the same client library, the same records, nothing else.
// Prints "<records> <wall seconds> <processor seconds of the whole process> <of the reading thread>".
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "kafka_bare_consumer: %s\n", why.c_str());
  std::exit(69);
}

void Set(rd_kafka_conf_t* conf, const char* key, const char* value) {
  std::array<char, 256> why{};
  if (rd_kafka_conf_set(conf, key, value, why.data(), why.size()) != RD_KAFKA_CONF_OK) Fail(why.data());
}

// Every partition of the topics, from its start.
int AssignAll(rd_kafka_t* handle, const std::vector<std::string>& topics) {
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(16);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle, 1, nullptr, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    Fail("no broker answers");
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    for (const std::string& topic : topics) {
      if (topic != metadata->topics[i].topic) continue;
      rd_kafka_topic_partition_list_add_range(all, topic.c_str(), 0, metadata->topics[i].partition_cnt - 1);
    }
  }
  rd_kafka_metadata_destroy(metadata);
  for (int i = 0; i < all->cnt; ++i) all->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
  const int partitions = all->cnt;
  if (rd_kafka_assign(handle, all) != RD_KAFKA_RESP_ERR_NO_ERROR) Fail("cannot assign");
  rd_kafka_topic_partition_list_destroy(all);
  return partitions;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) Fail("usage: kafka_bare_consumer BROKERS TOPIC...");
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", argv[1]);
  Set(conf, "group.id", "bare");
  Set(conf, "enable.auto.commit", "false");
  Set(conf, "enable.partition.eof", "true");
  std::array<char, 256> why{};
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size());
  if (handle == nullptr) Fail(why.data());
  rd_kafka_poll_set_consumer(handle);
  int open = AssignAll(handle, {argv + 2, argv + argc});

  const double wall = Seconds(CLOCK_MONOTONIC);
  const double process = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double thread = Seconds(CLOCK_THREAD_CPUTIME_ID);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(handle);
  std::array<rd_kafka_message_t*, 1000> batch{};
  size_t records = 0;
  size_t bytes = 0;
  while (open > 0) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 1'000, batch.data(), batch.size());
    for (ssize_t i = 0; i < got; ++i) {
      if (batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++records;
        bytes += batch[i]->len;
      } else if (batch[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        --open;
      } else {
        Fail(rd_kafka_message_errstr(batch[i]));
      }
      rd_kafka_message_destroy(batch[i]);
    }
  }
  std::printf("%zu %.3f %.3f %.3f\n", records, Seconds(CLOCK_MONOTONIC) - wall,
              Seconds(CLOCK_PROCESS_CPUTIME_ID) - process, Seconds(CLOCK_THREAD_CPUTIME_ID) - thread);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  return bytes == 0 && records > 0 ? 1 : 0;
}
