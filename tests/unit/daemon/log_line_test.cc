// What the daemon tells its operator: not too much of one kind, with a count of what is missing, as JSON for
// machines and readable on a terminal.
#include "daemon/service/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

namespace tocsin::daemon {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

size_t CountOf(const std::string& text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// Twenty-five of a code at once, one of another, and one more of the first when its second is over.
void SaySome(std::string_view often) {
  const auto now = std::chrono::steady_clock::now();
  const auto later = now + std::chrono::milliseconds(1'100);
  for (int i = 0; i < 25; ++i) LogLineAt(now, LogLevel::kWarning, often, "once more");
  LogLine(LogLevel::kError, "rare", "a \"word\"\nand another", {{"partition", "3"}});
  LogLine(LogLevel::kInfo, "hostile", "caf\u00e9 \u009b2J");  // U+009B begins a command as Escape and [ do.
  LogLineAt(later, LogLevel::kWarning, often, "the last");
  LogLineAt(later, LogLevel::kWarning, often, "and that is all");
}

// What a process says whose standard error is a terminal.
std::string OnATerminal(const char* no_colour) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::unsetenv("NO_COLOR");
    if (no_colour != nullptr) ::setenv("NO_COLOR", no_colour, 1);
    SaySome("terminal");
    ::_exit(0);
  }
  std::string said;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::read(terminal, block.data(), block.size())) > 0;)
    said.append(block.data(), static_cast<size_t>(got));
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return said;
}

TEST(LogLine, IsWrittenTenTimesASecondAndSaysHowManyWereLeftOut) {
  testing::internal::CaptureStderr();
  SaySome("often");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(CountOf(said, R"("code":"often","msg":"once more"})"), 10U);
  EXPECT_THAT(said, HasSubstr(R"("level":"warning","code":"often","msg":"the last","left_out":15})"));
  EXPECT_THAT(said, HasSubstr(R"("code":"often","msg":"and that is all"})"));  // Counted once.
  // Another code is not held up by it, and no text breaks a line.
  EXPECT_THAT(said, HasSubstr(R"("code":"rare","msg":"a \"word\"\nand another","partition":"3"})"));
  EXPECT_EQ(CountOf(said, "\n"), 14U);
  EXPECT_THAT(RecentLogLines().back(), HasSubstr("and that is all"));
}

TEST(LogLine, ReadsWellOnATerminalAndHidesNoLessThere) {
  const std::string said = OnATerminal(nullptr);
  EXPECT_EQ(CountOf(said, " once more (terminal)"), 10U) << said;
  EXPECT_THAT(said,
              ContainsRegex("[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3} \x1b\\[33mwarning\x1b\\[0m once more"));
  EXPECT_THAT(said, HasSubstr(" the last left_out=15 (terminal)"));
  EXPECT_THAT(said, HasSubstr("\x1b[31merror\x1b[0m"));
  EXPECT_THAT(said, HasSubstr(" a \"word\" and another partition=3 (rare)\r\n"));
  EXPECT_THAT(said, HasSubstr(" caf\u00e9   2J (hostile)"));
  EXPECT_THAT(said, Not(HasSubstr("{\"ts\"")));
  EXPECT_THAT(OnATerminal("1"), Not(HasSubstr("\x1b[")));
}

}  // namespace
}  // namespace tocsin::daemon
