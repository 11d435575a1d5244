#include "tests/sim/world.h"

#include <algorithm>
#include <memory>

#include "daemon/engine/worker.h"
#include "tests/sim/check.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/ledger.h"

namespace tocsin::sim {
namespace {

constexpr int kDepthMax = 3;
constexpr size_t kTraceMax = 4'000;
constexpr int64_t kDay = 86'400'000;

struct Process {
  Process(Host& host, int of_slot, int its_number, Disk& disk)
      : slot(of_slot), number(its_number), store(host, its_number, disk) {}
  const int slot;
  const int number;  // Of all that ever ran.
  bool killed = false;
  bool paused = false;
  int on_stack = 0;
  int64_t clock_error = 0;
  SimStore store;
  struct Seat {
    daemon::WorkerMetrics metrics;
    std::unique_ptr<daemon::Worker> worker;
    SimConsumer* consumer = nullptr;
    bool busy = false;
  };
  std::vector<std::unique_ptr<Seat>> seats;
};

class World final : public Host {
 public:
  World(Random& random_of_seed, Cluster& of_world, const Plan& plan)
      : Host(random_of_seed, of_world, plan.faults),
        plan_(plan),
        slots_(static_cast<size_t>(plan.processes_max)) {
    config_.commit_events = static_cast<int>(random.Between(1, 20));
    config_.commit_interval_ms = static_cast<double>(random.Between(1, 400));
    config_.checkpoint_interval = std::chrono::seconds(random.Between(1, 6));
    config_.state_memory_mb = random.Chance(0.5) ? 0 : 512;  // Nothing stays in memory, or all of it.
    config_.checkpoint_mb = random.Chance(0.3) ? 0 : 64;     // At each commit, while restoring too.
    static_members_ = random.Chance(0.5);
    workers_ = static_cast<int>(random.Between(1, 2));
    records_ = static_cast<int>(random.Between(30, 150));
  }

  void Yield(int number) override {
    Process& process = *all_.at(static_cast<size_t>(number));
    if (process.killed) throw Killed{};
    now += static_cast<int64_t>(random.Below(3));
    if (calm || depth_ >= kDepthMax) return;
    if (random.Chance(faults.kill)) {
      Kill(process);
      throw Killed{};
    }
    const bool sleeps = random.Chance(faults.sleep);
    const bool hangs = !sleeps && random.Chance(faults.hang);
    if (!sleeps && !hangs && !random.Chance(faults.interrupt)) return;
    ++depth_;
    if (sleeps) {
      ++outcome.sleeps;
      process.paused = true;
      Trace(number, "falls asleep in a request");
    }
    if (hangs) Trace(number, "hangs in a request");
    const bool slow = sleeps || hangs;
    const int64_t events = slow ? random.Between(5, 80) : random.Between(1, 12);
    for (int64_t i = 0; i < events; ++i) Event(slow);
    process.paused = process.paused && !sleeps;
    // The client's own threads may be awake long before the one that slept in the middle of its work.
    for (int64_t i = sleeps && random.Chance(0.5) ? random.Between(1, 40) : 0; i > 0; --i) Event(false);
    --depth_;
    if (process.killed) throw Killed{};
    if (sleeps) Trace(number, "wakes up");
  }

  void Trace(int number, const std::string& what) override {
    if (!plan_.want_trace) return;
    if (outcome.trace.size() >= kTraceMax)
      outcome.trace.erase(outcome.trace.begin(), outcome.trace.begin() + 1'000);
    outcome.trace.push_back(std::to_string(now % 100'000'000) + " process " + std::to_string(number) + ": " +
                            what);
  }

  void Run() {
    for (int step = 0; step < plan_.steps; ++step) Event(false);
    Settle();
    outcome.broken = CheckWorld(cluster, outcome.drained, outcome.repeated);
    for (const Slot& slot : slots_) {
      if (slot.process == nullptr) continue;
      for (const auto& seat : slot.process->seats)
        outcome.stopped += static_cast<int>(seat->metrics.partitions_stopped.value());
    }
    for (size_t slot = 0; slot < slots_.size() && outcome.broken.empty(); ++slot)
      outcome.broken = CheckDisk(cluster, slots_[slot].disk, now);
    for (Slot& slot : slots_) {
      if (slot.process != nullptr) Stop(slot);
    }
    for (const auto& process : all_) {
      for (const auto& seat : process->seats) {
        outcome.commits += static_cast<int>(seat->metrics.commits.value());
        outcome.restores += static_cast<int>(seat->metrics.restores.value());
        outcome.resumes += static_cast<int>(seat->metrics.resumes.value());
      }
    }
  }

  Outcome outcome;

 private:
  struct Slot {
    Process* process = nullptr;
    Disk disk;
    Disk old_copy;
  };

  // ---- One thing that happens ----
  void Event(bool slow) {
    const auto dice = random.Below(1000);
    if (slow) now += random.Between(0, 900);
    if (dice < 560) return StepSomebody();
    if (dice < 690) return AppendInput();
    if (dice < (plan_.restless ? 740 : 880)) return TimePasses(random.Between(1, slow ? 3'000 : 400));
    if (dice < 930) return StartOrStop();
    Slot& slot = slots_[random.Below(slots_.size())];
    if (dice < 945) return slot.process != nullptr ? Kill(*slot.process) : void();
    if (dice < 965) return PauseOrResume(slot);
    if (dice < 975) return plan_.compacts ? cluster.Compact(kChangelog, now) : void();
    if (dice < 990) return HarmDisk(slot);
    if (dice < 994 && slot.process != nullptr) {
      slot.process->clock_error = random.Between(-1'500'000, 1'500'000);
      return;
    }
    if (dice < 997 && faults.long_sleeps && depth_ == 0) return LongSleep();
    if (dice < 998 && (faults.lose_commits || faults.lose_newest)) return LoseACommit();
    if (dice < 1000 && faults.truncate_input) return TruncateInput();
  }

  void TimePasses(int64_t millis) {
    now += millis;
    Deliver();
    cluster.Pass(now, false);
    for (const Slot& slot : slots_) {
      if (slot.process == nullptr || slot.process->paused) continue;
      for (const auto& seat : slot.process->seats) {
        if (random.Chance(0.9)) seat->consumer->Background();
      }
    }
  }

  void StepSomebody() {
    Slot& slot = slots_[random.Below(slots_.size())];
    if (slot.process == nullptr || slot.process->paused) return;
    Process& process = *slot.process;
    Step(process, *process.seats[random.Below(process.seats.size())], false);
  }

  // Everything a process does happens in here.
  void Step(Process& process, Process::Seat& seat, bool finish) {
    if (seat.busy || process.killed) return;
    seat.busy = true;
    ++process.on_stack;
    try {
      if (finish) {
        seat.worker->Finish();
      } else if (const auto stepped = seat.worker->Step(); !stepped) {
        Trace(process.number, "stops for good: " + stepped.error().ToString());
      }
    } catch (const Killed&) {
      if (!process.killed) Kill(process);
    }
    seat.busy = false;
    --process.on_stack;
    if (process.killed) Bury(process);
  }

  void AppendInput() {
    for (auto n = random.Below(6); n > 0 && appended_ < records_; --n) {
      const int key_number = static_cast<int>(random.Below(12));
      const bool alone = key_number >= 8;  // Of one topic.
      const std::string key = "k" + std::to_string(key_number);
      const size_t topic = alone ? static_cast<size_t>(key_number % 2) : random.Below(2);
      std::string value = "v" + std::to_string(appended_++);
      if (random.Chance(0.05)) value.insert(0, "poison");
      if (alone && random.Chance(0.3)) value.insert(0, "erase");
      cluster.Append(kInputs[topic], key_number % cluster.partitions(), key, value, now);
    }
  }

  void StartOrStop() {
    Slot& slot = slots_[random.Below(slots_.size())];
    if (slot.process == nullptr) return Start(slot);
    if (slot.process->on_stack == 0 && !slot.process->paused && random.Chance(0.4)) Stop(slot);
  }

  void Start(Slot& slot) {
    const int number = static_cast<int>(all_.size());
    const auto index = static_cast<int>(&slot - slots_.data());
    all_.push_back(std::make_unique<Process>(*this, index, number, slot.disk));
    Process& process = *all_.back();
    slot.process = &process;
    Trace(number, "starts in directory " + std::to_string(index));
    for (int i = 0; i < workers_; ++i) {
      auto seat = std::make_unique<Process::Seat>();
      Connection connection;
      connection.host = this;
      connection.process = number;
      connection.dead = &process.killed;
      connection.transactional_id = "t" + std::to_string(index) + "." + std::to_string(i);
      if (static_members_) connection.instance = connection.transactional_id;
      daemon::WorkerParts parts;
      parts.log = MakeSimLog(connection, seat->consumer);
      parts.processor = std::make_unique<LedgerProcessor>();
      parts.store = &process.store;
      parts.owner = "simulated";
      parts.config = config_;
      parts.workers = workers_;
      parts.metrics = &seat->metrics;
      parts.wall_clock = [this, &process] { return FromMillis(now + process.clock_error); };
      parts.steady_clock = [this] {
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now));
      };
      parts.report = [this, number](std::string_view code, const std::string& text) {
        Trace(number, std::string(code) + ": " + text);
      };
      seat->worker = std::make_unique<daemon::Worker>(std::move(parts));
      process.seats.push_back(std::move(seat));
    }
  }

  void Stop(Slot& slot) {
    Process& process = *slot.process;
    Trace(process.number, "ends in order");
    for (const auto& seat : process.seats) Step(process, *seat, true);
    if (process.killed) return;  // On the way.
    for (const auto& seat : process.seats) seat->worker = nullptr;
    process.killed = true;
    slot.process = nullptr;
  }

  void Kill(Process& process) {
    ++outcome.kills;
    Trace(process.number, "is killed");
    process.killed = true;
    slots_[static_cast<size_t>(process.slot)].process = nullptr;
    Bury(process);
  }
  void Bury(Process& process) {
    if (process.on_stack > 0) return;  // What it was doing unwinds first.
    for (const auto& seat : process.seats) seat->worker = nullptr;
  }

  void PauseOrResume(Slot& slot) {
    if (slot.process == nullptr || slot.process->on_stack > 0) return;
    slot.process->paused = !slot.process->paused;
    Trace(slot.process->number, slot.process->paused ? "falls asleep" : "wakes up");
  }

  // Only of who is not running: nobody changes a directory under a process.
  void HarmDisk(Slot& slot) {
    if (slot.process != nullptr && random.Chance(0.5)) Kill(*slot.process);
    if (slot.process != nullptr || Unwinding(slot)) return;
    switch (random.Below(5)) {
      case 0:
        slot.disk.images.clear();
        return Trace(-1, "a state directory is deleted");
      case 1:
        slot.old_copy = slot.disk;
        return;
      case 2:
        slot.disk.images = slot.old_copy.images;
        return Trace(-1, "a state directory is an old copy");
      case 3:
        for (auto& [name, image] : slot.disk.images) image.mark_unreadable = true;
        return Trace(-1, "the marks of a state directory rot");
      default:
        for (auto& [name, image] : slot.disk.images) image.states_unreadable = !image.states.empty();
        return Trace(-1, "the states of a state directory rot");
    }
  }
  bool Unwinding(const Slot& slot) const {
    const auto index = static_cast<int>(&slot - slots_.data());
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& p) { return p->slot == index && p->on_stack > 0; });
  }

  // Nobody is there for days, but the cleaner.
  void LongSleep() {
    Slot& kept = slots_[random.Below(slots_.size())];
    for (Slot& slot : slots_) {
      if (slot.process == nullptr) continue;
      if (&slot == &kept && slot.process->on_stack == 0 && random.Chance(0.3)) {
        slot.process->paused = true;
      } else {
        Kill(*slot.process);
      }
    }
    for (int day = static_cast<int>(random.Between(1, 10)); day > 0; --day) {
      now += kDay;
      Deliver();
      cluster.Pass(now, true);
      if (random.Chance(0.7) && plan_.compacts) cluster.Compact(kChangelog, now);
    }
    Trace(-1, "days have passed");
  }

  void LoseACommit() {
    Log& log = cluster.log(kChangelog,
                           static_cast<int32_t>(random.Below(static_cast<uint64_t>(cluster.partitions()))));
    std::vector<size_t> ends;  // Of commits.
    for (size_t i = 0; i < log.entries.size(); ++i) {
      if (log.entries[i].state == Entry::State::kCommitted && log.entries[i].key == std::string(1, '\0'))
        ends.push_back(i);
    }
    if (ends.size() < 3) return;
    const size_t which = faults.lose_newest ? ends.size() - 1 : 1 + random.Below(ends.size() - 2);
    for (size_t i = ends[which - 1] + 1; i <= ends[which]; ++i) {
      if (log.entries[i].state == Entry::State::kCommitted) log.entries[i].state = Entry::State::kAborted;
    }
    Trace(-1, "the cluster loses a commit");
  }

  void TruncateInput() {
    Log& log = cluster.log(kInputs[0], 0);
    if (log.end() - log.begin < 2) return;
    log.begin = random.Between(log.begin, log.end());
    Trace(-1, "the cluster removes input");
  }

  // No more faults: everything must be done within a bounded time.
  void Settle() {
    calm = true;
    while (appended_ < records_) AppendInput();
    for (Slot& slot : slots_) {
      if (slot.process != nullptr) slot.process->paused = false;
    }
    if (slots_[0].process == nullptr) Start(slots_[0]);
    for (int round = 0; round < 1'500; ++round) {
      now += 40;
      Deliver();
      cluster.Pass(now, true);
      for (Slot& slot : slots_) {
        if (slot.process == nullptr) continue;
        for (const auto& seat : slot.process->seats) {
          seat->consumer->Background();
          Step(*slot.process, *seat, false);
        }
      }
      if (on_the_way.empty() && cluster.Quiet() && AllRead(cluster)) {
        outcome.drained = true;
        return;
      }
    }
  }

  const Plan plan_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<Process>> all_;
  daemon::EngineConfig config_;
  bool static_members_ = false;
  int workers_ = 1;
  int records_ = 0;
  int appended_ = 0;
  int depth_ = 0;
};

uint32_t lifted = 0;

}  // namespace

Outcome Simulate(uint64_t seed, const Plan& plan) {
  Random random(seed);
  Cluster cluster(random, static_cast<int>(random.Between(1, plan.partitions_max)));
  World world(random, cluster, plan);
  world.Run();
  return std::move(world.outcome);
}

Without::Without(daemon::Defence defence) { lifted = 1U << static_cast<unsigned>(defence); }
Without::~Without() { lifted = 0; }

}  // namespace tocsin::sim

namespace tocsin::daemon {
bool Holds(Defence defence) { return (sim::lifted >> static_cast<unsigned>(defence) & 1U) == 0; }
}  // namespace tocsin::daemon
