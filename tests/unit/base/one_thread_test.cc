#include "base/one_thread.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(OneThread, IsWhicheverComesFirst) {
  OneThread thread;
  std::thread([&] {
    thread.Check();
    thread.Check();
  }).join();
}

TEST(OneThreadDeathTest, AnotherIsStopped) {
  EXPECT_DEATH(
      {
        OneThread thread;
        thread.Check();
        std::thread([&] { thread.Check(); }).join();
      },
      "CHECK failed");
}

}  // namespace
}  // namespace tocsin
