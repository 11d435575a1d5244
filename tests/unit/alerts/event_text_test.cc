// What happened, as a row of a ticket says it.
#include "alerts/event_text.h"

#include <gtest/gtest.h>

namespace tocsin::alerts::testing {
namespace {

using schemas::FailureReason;
using schemas::LoginMethod;

TimelineItem LoginOf(FailureReason reason, LoginMethod method) {
  TimelineItem item;
  item.type = schemas::EventType::kLogin;
  item.outcome =
      reason == FailureReason::kNone ? schemas::LoginOutcome::kSuccess : schemas::LoginOutcome::kFailure;
  item.failure_reason = reason;
  item.method = method;
  return item;
}

TEST(EventTextTest, AWrongPasswordIsSaidOnce) {
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kBadCredentials, LoginMethod::kPassword)),
            "login failed (wrong password)");
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kBadCredentials, LoginMethod::kToken)),
            "login failed (wrong password, token)");
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kNone, LoginMethod::kPassword)),
            "login succeeded (password)");
}

}  // namespace
}  // namespace tocsin::alerts::testing
