// What programs read of a ticket does not make the page wider for the person who works it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "alerts/ticket_text.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr size_t kWidth = 96;

std::vector<std::string> BlockOf(const std::string& body) {
  const size_t begin = body.find("```json\n") + 8;
  std::string_view block = std::string_view(body).substr(begin, body.find("\n```", begin) - begin);
  std::vector<std::string> lines;
  for (size_t at = 0; at <= block.size();) {
    const size_t end = std::min(block.find('\n', at), block.size());
    lines.emplace_back(block.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST(TicketBlockTest, IsNoWiderThanAPage) {
  Scenario s;
  schemas::Claim travel = Travel();
  travel.reasons.front().observed = "a, \"b\\\" [{ c, and what else a stranger writes";
  s.Decide(s.Login(kNoon), {travel, NewDevice()});
  const Decision& d =
      s.Decide(s.Transfer(kNoon + 1h),
               {MakeClaim("takeover_chain", schemas::Family::kTakeover, schemas::Severity::kCritical, 5)});
  const std::vector<std::string> lines = BlockOf(d.tickets.at(0).body);
  std::vector<size_t> sizes;
  std::string whole;
  for (const std::string& line : lines) {
    sizes.push_back(line.size());
    whole += line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  EXPECT_THAT(sizes, Each(Le(kWidth)));
  EXPECT_EQ(std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("  {"); }), 3)
      << "each finding begins a line";
  EXPECT_THAT(whole, HasSubstr(R"("observed":"a, \"b\\\" [{ c, and what else a stranger writes")"));
  EXPECT_THAT(whole, HasSubstr(R"("findings":[{"finding_id":)"));
}

}  // namespace
}  // namespace tocsin::alerts::testing
