// state_bytes [ACCOUNTS [DAYS [SEED [disk]]]]: where the bytes of a generated population's states go.
//
// Prints the bytes of an account in a checkpoint, in a store on disk and in memory, then a table: what each
// segment takes, and what each list and text in it takes, told by encoding the segment again without it. With
// `disk`, what the store would save without it as well: a store is written for each line, which takes
// minutes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"
#include "daemon/detection/account.h"
#include "daemon/engine/state_table.h"
#include "tests/bench/lived_population.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using detectors::AccountState;
using detectors::Segment;

// One line of the table: a segment, or what is counted of it and can be taken out.
struct Part {
  const char* name;
  uint8_t segment;
  size_t (*count)(const Account&) = nullptr;
  void (*take_out)(Account&) = nullptr;  // Null: the segment as a whole.
};

#define IN_LIST(list, member)                              \
  [](Account& a) {                                         \
    for (auto& one : a.detection.list) one.member.clear(); \
  }
#define LIST(list) [](const Account& a) { return a.detection.list.size(); }
#define EMPTY(list) [](Account& a) { a.detection.list.clear(); }

constexpr uint8_t Of(Segment segment) { return static_cast<uint8_t>(segment); }
constexpr uint8_t Of(alerts::Segment segment) { return static_cast<uint8_t>(segment); }

const Part kParts[] = {
    {"profile", Of(Segment::kProfile)},
    {"  contacts", Of(Segment::kProfile), LIST(profile().owner.contacts),
     EMPTY(MutableProfile().owner.contacts)},
    {"  limits", Of(Segment::kProfile), LIST(profile().owner.limits), EMPTY(MutableProfile().owner.limits)},
    {"places", Of(Segment::kPlaces)},
    {"  known", Of(Segment::kPlaces), LIST(places().known), EMPTY(MutablePlaces().known)},
    {"    labels", Of(Segment::kPlaces), nullptr, IN_LIST(MutablePlaces().known, label)},
    {"    introduced_by", Of(Segment::kPlaces), nullptr,
     IN_LIST(MutablePlaces().known, tenure.introduced_by)},
    {"  uses", Of(Segment::kPlaces), LIST(places().uses), EMPTY(MutablePlaces().uses)},
    {"    event ids", Of(Segment::kPlaces), nullptr, IN_LIST(MutablePlaces().uses, event_id)},
    {"    labels", Of(Segment::kPlaces), nullptr, IN_LIST(MutablePlaces().uses, label)},
    {"devices", Of(Segment::kDevices), LIST(devices().known)},
    {"    ids", Of(Segment::kDevices), nullptr, IN_LIST(MutableDevices().known, id)},
    {"    introduced_by", Of(Segment::kDevices), nullptr,
     IN_LIST(MutableDevices().known, tenure.introduced_by)},
    {"networks", Of(Segment::kNetworks), LIST(networks().known)},
    {"    organizations", Of(Segment::kNetworks), nullptr, IN_LIST(MutableNetworks().known, organization)},
    {"    introduced_by", Of(Segment::kNetworks), nullptr,
     IN_LIST(MutableNetworks().known, tenure.introduced_by)},
    {"sign-ins", Of(Segment::kSignIns)},
    {"  recent", Of(Segment::kSignIns), LIST(sign_ins().recent), EMPTY(MutableSignIns().recent)},
    {"failures", Of(Segment::kFailures), LIST(failures().attempts)},
    {"money", Of(Segment::kMoney)},
    {"  entries", Of(Segment::kMoney), LIST(money().entries), EMPTY(MutableMoney().entries)},
    {"    event ids", Of(Segment::kMoney), nullptr, IN_LIST(MutableMoney().entries, event_id)},
    {"  buckets", Of(Segment::kMoney), LIST(money().buckets), EMPTY(MutableMoney().buckets)},
    {"  histograms", Of(Segment::kMoney), LIST(money().histograms), EMPTY(MutableMoney().histograms)},
    {"    bins", Of(Segment::kMoney),
     [](const Account& a) {
       size_t bins = 0;
       for (const auto& histogram : a.detection.money().histograms) bins += histogram.bins.size();
       return bins;
     },
     IN_LIST(MutableMoney().histograms, bins)},
    {"    blocks", Of(Segment::kMoney),
     [](const Account& a) {
       size_t blocks = 0;
       for (const auto& histogram : a.detection.money().histograms) blocks += histogram.blocks.size();
       return blocks;
     },
     IN_LIST(MutableMoney().histograms, blocks)},
    {"security", Of(Segment::kSecurity)},
    {"  stages", Of(Segment::kSecurity), LIST(security().stages), EMPTY(MutableSecurity().stages)},
    {"  previous contacts", Of(Segment::kSecurity), LIST(security().previous_contacts),
     EMPTY(MutableSecurity().previous_contacts)},
    {"recent event ids", Of(Segment::kRecentEvents),
     [](const Account& a) {
       const auto& ids = a.detection.recent_events().ids;
       return ids[0].events.size() + ids[1].events.size();
     }},
    {"sessions", Of(Segment::kSessions)},
    {"  spots", Of(Segment::kSessions), LIST(sessions().spots), EMPTY(MutableSessions().spots)},
    {"habits", Of(Segment::kHabits)},
    {"  oddities", Of(Segment::kHabits), LIST(habits().oddities), EMPTY(MutableHabits().oddities)},
    {"security log", Of(Segment::kSecurityLog), LIST(security_log().events)},
    {"payees", Of(Segment::kPayees), LIST(payees().known)},
    {"attempts", Of(Segment::kAttempts), LIST(attempts().list)},
    {"ledger", Of(Segment::kLedger)},
    {"  raises", Of(Segment::kLedger), LIST(ledger().raises), EMPTY(MutableLedger().raises)},
    {"  open", Of(Segment::kLedger), LIST(ledger().open), EMPTY(MutableLedger().open)},
    {"  statements", Of(Segment::kLedger), LIST(ledger().statements), EMPTY(MutableLedger().statements)},
    {"cases", Of(alerts::Segment::kCase), [](const Account& a) { return a.cases.cases().size(); }},
    {"  notices", Of(alerts::Segment::kCase), [](const Account& a) { return a.cases.notices().size(); },
     [](Account& a) { a.cases.MutableNotices().clear(); }},
    {"timeline", Of(alerts::Segment::kTimeline), [](const Account& a) { return a.cases.timeline().size(); }},
    {"told", Of(alerts::Segment::kTold), [](const Account& a) { return a.cases.told().size(); }},
};

size_t Quantile(std::vector<size_t> sizes, double share) {
  if (sizes.empty()) return 0;
  const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sizes.size() - 1));
  std::nth_element(sizes.begin(), at, sizes.end());
  return *at;
}

// All states, then small checkpoints of some of them until everything was compacted at least once: what is
// left in the upper levels is little, as in a store that has run for long.
size_t BytesOnDisk(const std::vector<CheckpointEntry>& states) {
  const TempDirectory directory;
  auto store = StateStore::Open(directory.path(), {});
  CHECK(store);
  auto partition = (*store)->OpenPartition("partition-0");
  CHECK(partition);
  constexpr size_t kShares = 100;
  for (size_t share = 0; share <= 8; ++share) {
    std::vector<CheckpointEntry> some;
    for (size_t i = 0; i < states.size(); ++i) {
      if (share == 0 || i % kShares == share) some.push_back(states[i]);
    }
    CHECK((*partition)->Write({.owner = "bench"}, some));
  }
  size_t bytes = 0;
  for (int quiet = 0; quiet < 8;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    const size_t now = (*store)->DiskBytes();
    quiet = now == bytes && (*store)->Stats().running_compactions == 0 ? quiet + 1 : 0;
    bytes = now;
  }
  return bytes / states.size();
}

// What cannot be compressed, and is needed once at least.
size_t DifferentEventIds(const Account& account) {
  std::set<std::string, std::less<>> ids;
  const auto add = [&](std::string_view id) {
    if (!id.empty()) ids.emplace(id);
  };
  const AccountState& state = account.detection;
  for (const auto& one : state.places().uses) add(one.event_id);
  for (const auto& one : state.sign_ins().recent) add(one.event_id);
  for (const auto& one : state.failures().attempts) add(one.event_id);
  for (const auto& one : state.money().entries) add(one.event_id);
  for (const auto& one : state.security().stages) add(one.event_id);
  for (const auto& one : state.security_log().events) add(one.event_id);
  for (const auto& one : state.sessions().spots) add(one.first_event);
  for (const auto& one : state.attempts().list) add(one.event_id);
  for (const auto& one : state.ledger().statements) add(one.event_id);
  for (const alerts::TimelineItem& item : account.cases.timeline().Items()) add(item.event_id);
  return ids.size();
}

void TakeOut(const Part& part, Account& account) {
  if (part.take_out != nullptr) {
    part.take_out(account);
  } else {
    CHECK(account.DecodeSegment(part.segment, ""));
  }
}

void PrintParts(const std::vector<Account>& accounts) {
  std::printf("\n%-22s %8s %9s %9s %12s %12s\n", "part", "share", "count", "bytes", "bytes", "memory");
  std::printf("%-22s %8s %9s %9s %12s %12s\n", "", "of them", "of those", "median", "mean of all",
              "mean of all");
  for (const Part& part : kParts) {
    std::vector<size_t> sizes;
    size_t sum = 0;
    size_t count = 0;
    size_t memory = 0;
    for (const Account& account : accounts) {
      std::string with;
      std::string without;
      Account less = account;
      account.EncodeSegment(part.segment, with);
      TakeOut(part, less);
      less.EncodeSegment(part.segment, without);
      memory += Account(account).ByteSize() - less.ByteSize();
      if (with.size() <= without.size()) continue;
      sizes.push_back(with.size() - without.size());
      sum += sizes.back();
      if (part.count != nullptr) count += part.count(account);
    }
    if (sizes.empty()) continue;
    const auto having = static_cast<double>(sizes.size());
    const auto all = static_cast<double>(accounts.size());
    std::printf("%-22s %7.0f%% ", part.name, 100 * having / all);
    if (part.count != nullptr) {
      std::printf("%9.1f", static_cast<double>(count) / having);
    } else {
      std::printf("%9s", "");
    }
    std::printf(" %9zu %12.1f %12.1f\n", Quantile(sizes, 0.5), static_cast<double>(sum) / all,
                static_cast<double>(memory) / all);
  }
}

// Less than what is encoded, where other parts say the same.
void PrintSavedOnDisk(const std::vector<CheckpointEntry>& states, const std::vector<Account>& accounts) {
  const size_t all = BytesOnDisk(states);
  std::printf("\n%-22s %12s\n", "part", "bytes on disk");
  for (const Part& part : kParts) {
    std::vector<CheckpointEntry> without = states;
    for (size_t i = 0; i < accounts.size(); ++i) {
      Account less = accounts[i];
      TakeOut(part, less);
      EncodeState(less, without[i].value.emplace());
    }
    std::printf("%-22s %12lld\n", part.name, static_cast<long long>(all - BytesOnDisk(without)));
  }
}

int Run(uint32_t accounts, int days, uint64_t seed, bool disk) {
  const LivedPopulation population(accounts, days, seed, true);
  std::vector<size_t> sizes;
  std::vector<size_t> ids;
  std::vector<Account> states(population.states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    sizes.push_back(population.states[i].value->size());
    CHECK(DecodeState(*population.states[i].value, states[i]));
    ids.push_back(DifferentEventIds(states[i]));
  }
  std::printf("%zu accounts, %d days, seed %llu\n\n", states.size(), days,
              static_cast<unsigned long long>(seed));
  std::printf("bytes of an account: median %zu, p90 %zu, p99 %zu\n", Quantile(sizes, 0.5),
              Quantile(sizes, 0.9), Quantile(sizes, 0.99));
  std::printf("in a store on disk:  %zu on average, key and index included\n",
              BytesOnDisk(population.states));
  size_t tight = 0;
  for (const Account& account : states) tight += Account(account).ByteSize();
  std::printf(
      "in memory:           %zu on average, as the table counts it; %zu without room to grow, %zu without "
      "lists\n",
      population.memory_bytes, tight / states.size(), sizeof(Account));
  std::printf("different event ids: median %zu\n", Quantile(ids, 0.5));
  PrintParts(states);
  if (disk) PrintSavedOnDisk(population.states, states);
  return 0;
}

}  // namespace
}  // namespace tocsin::daemon

int main(int argc, char** argv) {
  const auto number = [&](int index, unsigned long otherwise) {
    return index < argc ? std::strtoul(argv[index], nullptr, 10) : otherwise;
  };
  return tocsin::daemon::Run(static_cast<uint32_t>(number(1, 2000)), static_cast<int>(number(2, 28)),
                             number(3, 1), argc > 4 && std::string_view(argv[4]) == "disk");
}
