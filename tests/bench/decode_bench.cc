// Decoding: bytes of one record to an Event. The documents have the size and members that platforms send
// (about 570 bytes).
#include <benchmark/benchmark.h>

#include <string>

#include "base/check.h"
#include "schemas/encode.h"
#include "schemas/event_decoder.h"

namespace tocsin::schemas {
namespace {

constexpr std::string_view kLogin =
    R"({"type":"login","event_id":"01JNCE4W2QK7S9ZB3M5T8XVY0R","source":"idp.example.com","account_id":"acct-00481516",)"
    R"("occurred_at":"2026-03-01T08:12:44.125+08:00","session_id":"5f0c3a9e-7a52-4a4e-9f0b-6d2f5f1f6b11","ip":"203.0.113.77",)"
    R"("user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",)"
    R"("channel":"web","locale":"zh-CN","timezone":"Asia/Shanghai","device":{"id":"d-77f1b0c2a9","platform":"windows",)"
    R"("os_version":"10.0"},"outcome":"success","method":"password","mfa":"totp"})";

constexpr std::string_view kTransaction =
    R"({"type":"transaction","event_id":"01JNCE4W2QK7S9ZB3M5T8XVY0S","source":"ledger.example.com","account_id":"acct-00481516",)"
    R"("occurred_at":"2026-03-01T08:13:20.000+08:00","session_id":"5f0c3a9e-7a52-4a4e-9f0b-6d2f5f1f6b11","ip":"203.0.113.77",)"
    R"("channel":"app","transaction_id":"tx-9c1c6a0e-54b1-4c50-8a75-cc61ab6d4f3a","kind":"transfer","status":"completed",)"
    R"("amount":"1688.00","currency":"CNY","balance_after":"20311.55","counterparty":{"id":"payee-5512","name":"Example Trading",)"
    R"("country":"CN","type":"bank_account"},"instrument":{"id":"card-1177","type":"card"}})";

Record RecordOf(std::string_view value) {
  Record record;
  record.topic = "events";
  record.appended_at = FromMillis(1'772'323'999'000);
  record.key = "acct-00481516";
  record.value = value;
  return record;
}

void Decode(benchmark::State& state, std::string_view json) {
  EventDecoder decoder;
  Event event;
  const Record record = RecordOf(json);
  for (auto _ : state) {
    const auto decoded = decoder.Decode(record, event);
    CHECK(decoded.ok());
    benchmark::DoNotOptimize(event);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(json.size()));
}
BENCHMARK_CAPTURE(Decode, login, kLogin);
BENCHMARK_CAPTURE(Decode, transaction, kTransaction);

// As a partition really looks: the event's payload changes its type from record to record.
void DecodeMixed(benchmark::State& state) {
  EventDecoder decoder;
  Event event;
  const Record records[] = {RecordOf(kLogin), RecordOf(kTransaction)};
  size_t next = 0;
  for (auto _ : state) {
    const auto decoded = decoder.Decode(records[next ^= 1], event);
    CHECK(decoded.ok());
    benchmark::DoNotOptimize(event);
  }
}
BENCHMARK(DecodeMixed);

// Attributes in headers, as CloudEvents producers send them.
void DecodeCloudEvent(benchmark::State& state) {
  EventDecoder decoder;
  Event event;
  const Header headers[] = {{"ce_specversion", "1.0"},
                            {"ce_type", "tocsin.login.v1"},
                            {"ce_source", "idp.example.com"},
                            {"ce_id", "01JNCE4W2QK7S9ZB3M5T8XVY0R"},
                            {"ce_time", "2026-03-01T00:12:44.125Z"},
                            {"content-type", "application/json"}};
  Record record = RecordOf(kLogin);
  record.headers = headers;
  for (auto _ : state) {
    const auto decoded = decoder.Decode(record, event);
    CHECK(decoded.ok());
    benchmark::DoNotOptimize(event);
  }
}
BENCHMARK(DecodeCloudEvent);

// A producer of nonsense must not be able to slow the stream down.
void Reject(benchmark::State& state) {
  EventDecoder decoder;
  Event event;
  const std::string broken = std::string(kLogin.substr(0, kLogin.size() - 7)) + "\"carrier-pigeon\"}";
  const Record record = RecordOf(broken);
  for (auto _ : state) {
    const auto decoded = decoder.Decode(record, event);
    CHECK(!decoded.ok());
    benchmark::DoNotOptimize(event);
  }
}
BENCHMARK(Reject);

void Encode(benchmark::State& state) {
  EventDecoder decoder;
  Event event;
  CHECK(decoder.Decode(RecordOf(kLogin), event).ok());
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendJson(out, event);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(Encode);

}  // namespace
}  // namespace tocsin::schemas
