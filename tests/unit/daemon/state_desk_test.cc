// Questions about states, between threads: each worker looks once, and nobody waits for one that does not
// come.
#include "daemon/engine/state_desk.h"

#include <gtest/gtest.h>

#include <thread>

namespace tocsin::daemon {
namespace {

using std::chrono::milliseconds;

// A worker that goes round until it is told to end.
class Rounds {
 public:
  Rounds(StateDesk& desk, std::string key)
      : thread_([this, &desk, key = std::move(key)] {
          StateDesk::Place place = 0;
          while (!stop_) {
            desk.Serve(place, [&](std::string_view asked) -> std::optional<std::string> {
              ++looks_;
              return asked == key ? std::optional<std::string>("state of " + key) : std::nullopt;
            });
            std::this_thread::yield();
          }
        }) {}
  ~Rounds() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] int looks() const { return looks_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> looks_{0};
  std::thread thread_;
};

TEST(StateDeskTest, WhoeverHasTheStateAnswers) {
  StateDesk desk(2);
  const Rounds one(desk, "a");
  const Rounds other(desk, "b");
  EXPECT_EQ(desk.Ask("a", milliseconds(60'000)).state, "state of a");
  EXPECT_EQ(desk.Ask("b", milliseconds(60'000)).state, "state of b");
  const StateDesk::Answer none = desk.Ask("c", milliseconds(60'000));
  EXPECT_TRUE(none.complete);
  EXPECT_FALSE(none.state);
}

TEST(StateDeskTest, AQuestionIsNotWaitedForBeyondItsTime) {
  StateDesk desk(2);
  const Rounds one(desk, "a");  // The other worker hangs.
  EXPECT_EQ(desk.Ask("a", milliseconds(60'000)).state, "state of a");
  const StateDesk::Answer answer = desk.Ask("b", milliseconds(20));
  EXPECT_FALSE(answer.complete);
  EXPECT_FALSE(answer.state);
}

TEST(StateDeskTest, ManyAskAtOnce) {
  StateDesk desk(1);
  const Rounds one(desk, "a");
  std::vector<std::thread> askers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      for (int j = 0; j < 50; ++j) answered += desk.Ask("a", milliseconds(60'000)).state ? 1 : 0;
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(answered, 200);
  EXPECT_LE(one.looks(), 200);
}

}  // namespace
}  // namespace tocsin::daemon
